import { StreamsBuilder, TimeWindows, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const beats = { name: 'beats', key: serdes.string, value: serdes.string };

const builder = new StreamsBuilder();
builder
  .stream(beats)
  .filter((state) => state === 'PLAYING')
  .groupByKey()
  .windowedBy(TimeWindows.of({ sizeMs: 60_000, graceMs: 10_000 }))
  .count({ storeName: 'audience' })
  .toStream()
  .foreach((count, window) => console.log(`  ${window} ${count}`));

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(beats);
for (const [state, time] of [
  ['PLAYING', 50_000],
  ['PAUSED', 90_000],
  ['PLAYING', 55_000],
  ['PLAYING', 75_000],
  ['PLAYING', 58_000],
] as const) {
  console.log(state, time);
  input.pipeInput(state, 'NZ', time);
}
console.log(driver.dropped);
