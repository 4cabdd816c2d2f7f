import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

type Beat = { state: string; eventTimeMs: number };
const television = { name: 'beats-tv', key: serdes.string, value: serdes.json<Beat>() };
const web = { ...television, name: 'beats-web' };
const beats = { ...television, name: 'beats' };

const builder = new StreamsBuilder();
builder
  .stream<string, Beat>(['beats-tv', 'beats-web'], {
    name: 'players',
    key: serdes.string,
    value: serdes.json(),
    timestampExtractor: ({ value, timestamp }) => Math.min(value.eventTimeMs, timestamp),
  })
  .to(beats);

const driver = new TopologyTestDriver(builder.build());
driver.createInputTopic(television).pipeInput({ state: 'PLAYING', eventTimeMs: 4_000 }, 'demo/ana', 5_000);
driver.createInputTopic(web).pipeInput({ state: 'PAUSED', eventTimeMs: 9_000 }, 'demo/ben', 6_000);
driver.createInputTopic(web).pipeInput({ state: 'PLAYING', eventTimeMs: -1 }, 'demo/eve', 7_000);

for (const { key, value, timestamp } of driver.createOutputTopic(beats).readRecords()) {
  console.log(timestamp, key, value?.state);
}
console.log(driver.dropped);
