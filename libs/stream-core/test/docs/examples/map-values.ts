import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const views = { name: 'views', key: serdes.string, value: serdes.json<{ watchedMs: number; durationMs: number }>() };
const completion = { name: 'completion', key: serdes.string, value: serdes.int };

const builder = new StreamsBuilder();
builder
  .stream(views)
  .mapValues((view) => Math.round((100 * view.watchedMs) / view.durationMs), { name: 'percent' })
  .to(completion);

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(views);
input.pipeInput({ watchedMs: 45_000, durationMs: 60_000 }, 'demo/ana/the-bridge', 1_000);
input.pipeInput({ watchedMs: 60_000, durationMs: 60_000 }, 'demo/ben/the-bridge', 2_000);

for (const { key, value, timestamp } of driver.createOutputTopic(completion).readRecords()) {
  console.log(timestamp, key, value);
}
