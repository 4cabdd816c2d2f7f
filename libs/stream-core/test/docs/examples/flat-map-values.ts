import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const searches = { name: 'searches', key: serdes.string, value: serdes.string };
const words = { ...searches, name: 'words' };

const builder = new StreamsBuilder();
builder
  .stream(searches)
  .flatMapValues((query) => query.toLowerCase().split(' '), { name: 'split-query' })
  .to(words);

const driver = new TopologyTestDriver(builder.build());
driver.createInputTopic(searches).pipeInput('The Bridge', 'demo/visitor-7', 1_000);

for (const { key, value, timestamp } of driver.createOutputTopic(words).readRecords()) {
  console.log(timestamp, key, value);
}
