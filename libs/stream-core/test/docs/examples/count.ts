import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.string };
const counts = { name: 'plays-by-title', key: serdes.string, value: serdes.long };

const builder = new StreamsBuilder();
builder.stream(plays).groupByKey().count({ name: 'count-plays', storeName: 'plays-by-title' }).toStream().to(counts);

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(plays);
input.pipeInput('demo/ana', 'derby', 2_000);
input.pipeInput('demo/ben', 'derby', 1_000);
input.pipeInput(null, 'derby', 3_000);

for (const { key, value, timestamp } of driver.createOutputTopic(counts).readRecords()) {
  console.log(timestamp, key, value);
}
console.log(driver.dropped);
