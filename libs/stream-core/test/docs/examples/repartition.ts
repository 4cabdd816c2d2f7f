import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const beats = { name: 'beats', key: serdes.string, value: serdes.json<{ account: string }>() };
const byAccount = { ...beats, name: 'beats-by-account' };

const builder = new StreamsBuilder();
builder
  .stream(beats)
  .selectKey((beat) => beat.account)
  .repartition({ name: 'accounts', key: serdes.string, partitions: 3 })
  .to(byAccount);

const driver = new TopologyTestDriver(builder.build(), { partitions: { beats: 2, 'beats-by-account': 3 } });
const input = driver.createInputTopic(beats);
for (const [session, account] of [
  ['s-1', 'demo/ana'],
  ['s-2', 'demo/kim'],
  ['s-3', 'demo/ana'],
] as const) {
  input.pipeInput({ account }, session, 1_000);
}

for (const { topic, partition, key } of driver.produced) console.log(topic, partition, `${key}`);
