import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.json<{ title: string }>() };
const counts = { name: 'plays-by-title', key: serdes.string, value: serdes.long };

const builder = new StreamsBuilder();
builder
  .stream(plays)
  .groupBy((play) => play.title, { name: 'by-title', key: serdes.string })
  .count({ storeName: 'plays-by-title' })
  .toStream()
  .to(counts);

const driver = new TopologyTestDriver(builder.build(), { partitions: 2 });
const input = driver.createInputTopic(plays);
input.pipeInput({ title: 'derby' }, 'demo/ana', 1_000);
input.pipeInput({ title: 'derby' }, 'demo/ben', 2_000);
input.pipeInput({ title: 'the-bridge' }, 'demo/ana', 3_000);

for (const { key, value, timestamp } of driver.createOutputTopic(counts).readRecords()) {
  console.log(timestamp, key, value);
}
