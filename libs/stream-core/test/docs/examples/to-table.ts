import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const beats = { name: 'beats', key: serdes.string, value: serdes.json<{ positionMs: number }>() };

const builder = new StreamsBuilder();
builder
  .stream<string, { positionMs: number } | null>(beats)
  .mapValues((beat) => beat?.positionMs ?? null)
  .toTable({ name: 'resume', storeName: 'positions', value: serdes.long });

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(beats);
input.pipeInput({ positionMs: 30_000 }, 'demo/ana/the-bridge', 2_000);
input.pipeInput({ positionMs: 20_000 }, 'demo/ana/the-bridge', 1_000);
input.pipeInput({ positionMs: 5_000 }, 'demo/ben/the-bridge', 3_000);
input.pipeInput(null, 'demo/ben/the-bridge', 4_000);

console.log([...driver.keyValueStore('positions').all()]);
