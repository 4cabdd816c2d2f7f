import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const beats = { name: 'beats', key: serdes.string, value: serdes.json<{ state: string }>() };
const playing = { ...beats, name: 'playing' };

const builder = new StreamsBuilder();
builder
  .stream(beats)
  .filter((beat) => beat.state === 'PLAYING', { name: 'only-playing' })
  .to(playing);

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(beats);
input.pipeInput({ state: 'PLAYING' }, 'demo/ana', 1_000);
input.pipeInput({ state: 'PAUSED' }, 'demo/ben', 2_000);
input.pipeInput({ state: 'PLAYING' }, null, 3_000);

for (const { key, value, timestamp } of driver.createOutputTopic(playing).readRecords()) {
  console.log(timestamp, key, value);
}
