import { JoinWindows, StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const intents = { name: 'play-intents', key: serdes.string, value: serdes.string };
const frames = { name: 'first-frames', key: serdes.string, value: serdes.int };
const starts = { name: 'starts', key: serdes.string, value: serdes.string };

const builder = new StreamsBuilder();
builder
  .stream(intents)
  .joinStream(
    builder.stream(frames),
    (title, startupMs) => `${title} started in ${startupMs} ms`,
    JoinWindows.of({ beforeMs: 0, afterMs: 20_000, graceMs: 5_000 }),
    { name: 'start-up', storeName: 'start-up' },
  )
  .to(starts);

const driver = new TopologyTestDriver(builder.build());
const [intent, frame] = [driver.createInputTopic(intents), driver.createInputTopic(frames)];
intent.pipeInput('derby', 's-1', 10_000);
frame.pipeInput(1_400, 's-1', 11_400);
intent.pipeInput('the-bridge', 's-2', 20_000);
frame.pipeInput(30_000, 's-2', 50_000);
frame.pipeInput(900, 's-2', 20_900);

for (const { key, value, timestamp } of driver.createOutputTopic(starts).readRecords()) {
  console.log(timestamp, key, value);
}
