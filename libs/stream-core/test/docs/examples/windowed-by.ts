import { StreamsBuilder, TimeWindows, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

type Quality = { beats: number; lowestKbps: number };
const beats = { name: 'beats', key: serdes.string, value: serdes.json<{ kbps: number }>() };
const quality = { name: 'quality', key: serdes.timeWindowed(serdes.string, 60_000), value: serdes.json<Quality>() };

const builder = new StreamsBuilder();
builder
  .stream<string, { kbps: number } | null>(beats)
  .groupByKey()
  .windowedBy(TimeWindows.of({ sizeMs: 60_000, graceMs: 5_000 }))
  .aggregate<Quality>(
    () => ({ beats: 0, lowestKbps: Infinity }),
    (sum, beat) => ({ beats: sum.beats + 1, lowestKbps: Math.min(sum.lowestKbps, beat?.kbps ?? Infinity) }),
    { name: 'minutes', storeName: 'quality-minutes', value: serdes.json() },
  )
  .toStream()
  .to(quality);

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(beats);
input.pipeInput({ kbps: 4_800 }, 'NZ', 10_000);
input.pipeInput({ kbps: 900 }, 'NZ', 30_000);
input.pipeInput(null, 'NZ', 20_000);
input.pipeInput({ kbps: 2_500 }, 'NZ', 61_000);

for (const { key, value, timestamp } of driver.createOutputTopic(quality).readRecords()) {
  console.log(timestamp, `${key}`, value);
}
for (const { windowStartMs, value } of driver.windowStore('quality-minutes').all()) console.log(windowStartMs, value);
