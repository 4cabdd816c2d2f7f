import { StreamsBuilder, TimeWindows, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const beats = { name: 'beats', key: serdes.string, value: serdes.string };
const minutes = { name: 'audience', key: serdes.timeWindowed(serdes.string, 60_000), value: serdes.long };

const builder = new StreamsBuilder();
builder
  .stream(beats)
  .groupByKey()
  .windowedBy(TimeWindows.of({ sizeMs: 60_000, graceMs: 10_000 }))
  .emitStrategy('ON_WINDOW_CLOSE')
  .count({ storeName: 'audience' })
  .toStream()
  .to(minutes);

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(beats);
const output = driver.createOutputTopic(minutes);
for (const [country, time] of [
  ['NZ', 5_000],
  ['FR', 50_000],
  ['NZ', 64_000],
  ['NZ', 70_000],
  ['FR', 500_000],
] as const) {
  input.pipeInput('PLAYING', country, time);
  const results = output.readRecords().map(({ key, value, timestamp }) => `${key} ${value} (${timestamp})`);
  console.log(time, results);
}
