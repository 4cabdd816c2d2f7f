import { StreamsBuilder, TimeWindows, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const beats = { name: 'beats', key: serdes.string, value: serdes.string };
const minutes = { name: 'audience', key: serdes.timeWindowed(serdes.string, 60_000), value: serdes.long };
const latest = { name: 'latest', key: serdes.string, value: serdes.string };

const builder = new StreamsBuilder();
builder
  .stream(beats)
  .groupByKey()
  .windowedBy(TimeWindows.of({ sizeMs: 60_000, graceMs: 10_000 }))
  .count({ storeName: 'audience' })
  .suppress({ until: 'WINDOW_CLOSES', name: 'final-minutes', maxRecords: 100_000 })
  .toStream()
  .to(minutes);
builder
  .stream(beats)
  .toTable({ name: 'states' })
  .suppress({ until: 'TIME_LIMIT', limitMs: 30_000, name: 'calm', maxRecords: 100_000 })
  .toStream()
  .to(latest);

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(beats);
const [windows, states] = [driver.createOutputTopic(minutes), driver.createOutputTopic(latest)];
for (const [state, time] of [
  ['PLAYING', 5_000],
  ['PAUSED', 20_000],
  ['PLAYING', 36_000],
  ['PLAYING', 70_000],
] as const) {
  input.pipeInput(state, 'NZ', time);
  const final = windows.readRecords().map(({ key, value }) => `${key} ${value}`);
  console.log(time, 'final', final, 'latest', states.readValuesToList());
}
