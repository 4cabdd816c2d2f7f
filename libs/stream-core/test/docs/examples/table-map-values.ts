import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const titles = {
  name: 'titles',
  key: serdes.string,
  value: serdes.json<{ name: string; durationMs: number | null }>(),
};
const durations = { name: 'durations', key: serdes.string, value: serdes.long };

const builder = new StreamsBuilder();
builder
  .table(titles)
  .mapValues((title) => title.durationMs, { name: 'duration', storeName: 'durations', value: serdes.long })
  .toStream()
  .to(durations);

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(titles);
input.pipeInput({ name: 'The Bridge', durationMs: 3_480_000 }, 't-1', 1_000);
input.pipeInput({ name: 'Derby', durationMs: null }, 't-2', 2_000);
input.pipeInput(null, 't-1', 3_000);

for (const { key, value, timestamp } of driver.createOutputTopic(durations).readRecords()) {
  console.log(timestamp, key, value);
}
