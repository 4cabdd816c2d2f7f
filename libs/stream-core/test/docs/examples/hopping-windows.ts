import { StreamsBuilder, TimeWindows, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.string };
const trending = { name: 'trending', key: serdes.timeWindowed(serdes.string, 60_000), value: serdes.long };

const builder = new StreamsBuilder();
builder
  .stream(plays)
  .groupByKey()
  .windowedBy(TimeWindows.of({ sizeMs: 60_000, advanceMs: 20_000, graceMs: 0 }))
  .count({ storeName: 'trending' })
  .toStream()
  .to(trending);

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(plays);
const output = driver.createOutputTopic(trending);
for (const time of [10_000, 45_000, 85_000, 50_000]) {
  input.pipeInput('demo/ana', 'derby', time);
  const results = output.readRecords().map(({ key, value }) => `${key} ${value}`);
  console.log(time, results);
}
console.log(driver.dropped);
