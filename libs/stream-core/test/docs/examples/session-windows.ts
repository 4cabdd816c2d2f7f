import { SessionWindows, StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const beats = { name: 'beats', key: serdes.string, value: serdes.string };
const views = { name: 'views', key: serdes.sessionWindowed(serdes.string), value: serdes.long };

const builder = new StreamsBuilder();
builder
  .stream(beats)
  .groupByKey()
  .windowedBy(SessionWindows.of({ inactivityGapMs: 30_000, graceMs: 20_000 }))
  .count({ storeName: 'views' })
  .toStream()
  .to(views);

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(beats);
const output = driver.createOutputTopic(views);
for (const time of [10_000, 20_000, 60_000, 45_000, 120_000, 20_000]) {
  input.pipeInput('PLAYING', 'demo/ana', time);
  const results = output.readRecords().map(({ key, value }) => `${key} ${value}`);
  console.log(time, results);
}
console.log(driver.dropped);
