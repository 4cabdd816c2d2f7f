import { SlidingWindows, StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const errors = { name: 'errors', key: serdes.string, value: serdes.string };
const bursts = { name: 'bursts', key: serdes.timeWindowed(serdes.string, 10_000), value: serdes.long };

const builder = new StreamsBuilder();
builder
  .stream(errors)
  .groupByKey()
  .windowedBy(SlidingWindows.of({ timeDifferenceMs: 10_000, graceMs: 30_000 }))
  .count({ storeName: 'bursts' })
  .toStream()
  .to(bursts);

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(errors);
const output = driver.createOutputTopic(bursts);
for (const time of [20_000, 26_000, 33_000]) {
  input.pipeInput('F-12', 'cdn-a', time);
  const results = output.readRecords().map(({ key, value }) => `${key} ${value}`);
  console.log(time, results);
}
