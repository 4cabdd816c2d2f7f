import { JoinWindows, StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const begins = { name: 'ad-begins', key: serdes.string, value: serdes.string };
const ends = { name: 'ad-ends', key: serdes.string, value: serdes.string };
const ads = { name: 'ads', key: serdes.string, value: serdes.string };

const builder = new StreamsBuilder();
builder
  .stream(begins)
  .outerJoinStream(
    builder.stream(ends),
    (begin, end) => `${begin ?? 'no begin'} / ${end ?? 'no end'}`,
    JoinWindows.of({ beforeMs: 0, afterMs: 30_000, graceMs: 0 }),
    { name: 'ads', storeName: 'ads' },
  )
  .to(ads);

const driver = new TopologyTestDriver(builder.build());
const [begin, end] = [driver.createInputTopic(begins), driver.createInputTopic(ends)];
const output = driver.createOutputTopic(ads);
const pipe = (input: typeof begin, ad: string, session: string, time: number): void => {
  input.pipeInput(ad, session, time);
  const results = output.readRecords().map(({ key, value, timestamp }) => `${key} ${value} (${timestamp})`);
  console.log(time, results);
};
pipe(begin, 'shoes', 's-1', 10_000);
pipe(end, 'cola', 's-2', 12_000);
pipe(begin, 'car', 's-3', 20_000);
pipe(end, 'car', 's-3', 45_000);
