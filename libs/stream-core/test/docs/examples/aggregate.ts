import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

type Watched = { beats: number; watchedMs: number };
const beats = { name: 'beats', key: serdes.string, value: serdes.json<{ state: string; elapsedMs: number }>() };
const watched = { name: 'watched', key: serdes.string, value: serdes.json<Watched>() };

const builder = new StreamsBuilder();
builder
  .stream(beats)
  .groupByKey()
  .aggregate<Watched>(
    () => ({ beats: 0, watchedMs: 0 }),
    (sum, beat) => {
      if (beat.state === 'ENDED') return null;
      return { beats: sum.beats + 1, watchedMs: sum.watchedMs + beat.elapsedMs };
    },
    { name: 'sum-watched', storeName: 'watched', value: serdes.json() },
  )
  .toStream()
  .to(watched);

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(beats);
input.pipeInput({ state: 'PLAYING', elapsedMs: 10_000 }, 's-1', 10_000);
input.pipeInput({ state: 'PLAYING', elapsedMs: 8_000 }, 's-1', 18_000);
input.pipeInput({ state: 'ENDED', elapsedMs: 0 }, 's-1', 19_000);
input.pipeInput({ state: 'PLAYING', elapsedMs: 2_000 }, 's-1', 17_000);

for (const { key, value, timestamp } of driver.createOutputTopic(watched).readRecords()) {
  console.log(timestamp, key, value);
}
