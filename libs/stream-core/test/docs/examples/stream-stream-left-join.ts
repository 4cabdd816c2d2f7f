import { JoinWindows, StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const intents = { name: 'play-intents', key: serdes.string, value: serdes.string };
const frames = { name: 'first-frames', key: serdes.string, value: serdes.int };
const outcomes = { name: 'outcomes', key: serdes.string, value: serdes.string };

const builder = new StreamsBuilder();
builder
  .stream(intents)
  .leftJoinStream(
    builder.stream(frames),
    (title, startupMs) => (startupMs === null ? `${title}: exit before video start` : `${title}: ${startupMs} ms`),
    JoinWindows.of({ beforeMs: 0, afterMs: 20_000, graceMs: 5_000 }),
    { name: 'start-up', storeName: 'start-up' },
  )
  .to(outcomes);

const driver = new TopologyTestDriver(builder.build());
const [intent, frame] = [driver.createInputTopic(intents), driver.createInputTopic(frames)];
const output = driver.createOutputTopic(outcomes);
const show = (at: string): void => {
  const results = output.readRecords().map(({ key, value, timestamp }) => `${key} ${value} (${timestamp})`);
  console.log(at, results);
};

intent.pipeInput('derby', 's-1', 10_000);
show('intent 10 s');
intent.pipeInput('the-bridge', 's-2', 12_000);
show('intent 12 s');
frame.pipeInput(1_400, 's-2', 13_400);
show('frame 13.4 s');
frame.pipeInput(800, 's-3', 35_000);
show('frame 35 s');
frame.pipeInput(800, 's-3', 35_001);
show('frame 35.001 s');
