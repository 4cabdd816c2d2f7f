import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.json<{ title: string; watchedMs: number }>() };
const watched = { name: 'watched', key: serdes.string, value: serdes.long };

const builder = new StreamsBuilder();
builder
  .stream(plays)
  .map((play, session) => ({ key: `${play.title}/${session}`, value: play.watchedMs }), { name: 'by-title' })
  .to(watched);

const driver = new TopologyTestDriver(builder.build());
driver.createInputTopic(plays).pipeInput({ title: 'the-bridge', watchedMs: 61_000 }, 's-1', 70_000);

for (const { key, value, timestamp } of driver.createOutputTopic(watched).readRecords()) {
  console.log(timestamp, key, value);
}
