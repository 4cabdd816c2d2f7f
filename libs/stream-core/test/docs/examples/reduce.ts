import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

type Beat = { positionMs: number; device: string };
const beats = { name: 'beats', key: serdes.string, value: serdes.json<Beat>() };
const furthest = { ...beats, name: 'furthest' };

const builder = new StreamsBuilder();
builder
  .stream(beats)
  .groupByKey()
  .reduce((best, beat) => (beat.positionMs > best.positionMs ? beat : best), { storeName: 'furthest-position' })
  .toStream()
  .to(furthest);

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(beats);
input.pipeInput({ positionMs: 30_000, device: 'tv' }, 'demo/ana/the-bridge', 1_000);
input.pipeInput({ positionMs: 12_000, device: 'phone' }, 'demo/ana/the-bridge', 2_000);

for (const { key, value, timestamp } of driver.createOutputTopic(furthest).readRecords()) {
  console.log(timestamp, key, value);
}
