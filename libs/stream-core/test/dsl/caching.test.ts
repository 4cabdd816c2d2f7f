import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { KGroupedStream } from '@playhead/stream-core';
import { SessionWindows, SlidingWindows, StreamsBuilder, TimeWindows } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { TEXT, streamIn } from './operator-driver.ts';

type Grouped = KGroupedStream<string, string | null>;

const LETTERS = [
  ['abc', 1],
  ['de', 5],
  ['f', 8],
] as const;

/** Each record of `in` becomes one per letter, all processed before the commit that flushes the caches. */
function run(
  define: (grouped: Grouped) => { toStream(): unknown },
  cacheMaxBytes: number,
  records: readonly (readonly [value: string, timestamp: number])[] = LETTERS,
): string[][] {
  const builder = new StreamsBuilder();
  const letters = streamIn(builder).flatMapValues((value) => value?.split('') ?? []);
  const table = define(letters.groupByKey() as unknown as Grouped) as ReturnType<Grouped['count']>;
  table
    .toStream()
    .map((value, key) => ({ key: String(key), value: String(value) }))
    .to('out', TEXT);
  const driver = new TopologyTestDriver(builder.build(), { cacheMaxBytes });
  const input = driver.createInputTopic({ name: 'in', ...TEXT });
  const out: string[][] = [];
  for (const [value, timestamp] of records) {
    const before = driver.produced.length;
    input.pipeInput(value, 'k', timestamp);
    const sent = driver.produced.slice(before).filter(({ topic }) => topic === 'out');
    out.push(sent.map((record) => `${String(record.key)}=${String(record.value)}`));
  }
  driver.close();
  return out;
}

test.each<[name: string, define: (grouped: Grouped) => { toStream(): unknown }, out: string[][]]>([
  ['a count', (grouped) => grouped.count(), [['k=3'], ['k=5'], ['k=6']]],
  [
    'time windows',
    (grouped) => grouped.windowedBy(TimeWindows.of({ sizeMs: 10, graceMs: 0 })).count(),
    [['k@[0,10]=3'], ['k@[0,10]=5'], ['k@[0,10]=6']],
  ],
  [
    'sliding windows',
    (grouped) => grouped.windowedBy(SlidingWindows.of({ timeDifferenceMs: 10, graceMs: 0 })).count(),
    [['k@[0,10]=3'], ['k@[2,12]=2', 'k@[0,10]=5'], ['k@[2,12]=3', 'k@[6,16]=1', 'k@[0,10]=6']],
  ],
  [
    'sessions, which are deleted only where somebody has seen them',
    (grouped) => grouped.windowedBy(SessionWindows.of({ inactivityGapMs: 10, graceMs: 0 })).count(),
    [['k@[1,1]=3'], ['k@[1,1]=null', 'k@[1,5]=5'], ['k@[1,5]=null', 'k@[1,8]=6']],
  ],
])('a cache sends the last change of each key at a commit: %s', (_name, define, wanted) => {
  expect(run(define, 100_000)).toEqual(wanted);
});

test('without a cache every change goes at once; one that is too small for an entry hides nothing either', () => {
  const every = [['k=1', 'k=2', 'k=3'], ['k=4', 'k=5'], ['k=6']];
  expect(run((grouped) => grouped.count(), 0)).toEqual(every);
  expect(run((grouped) => grouped.count({ caching: false }), 100_000)).toEqual(every);
  expect(run((grouped) => grouped.count(), 1)).toEqual(every);
});

test('what comes and goes between two commits leaves no trace, and what is cached is read', () => {
  const builder = new StreamsBuilder();
  streamIn(builder)
    .flatMapValues((value) => value?.split('') ?? [])
    .groupByKey()
    .aggregate(
      () => '',
      (aggregate, value) => (value === '-' ? null : aggregate + value),
      { storeName: 's', value: TEXT.value },
    )
    .toStream()
    .to('out', TEXT);
  const driver = new TopologyTestDriver(builder.build(), { cacheMaxBytes: 100_000 });
  const input = driver.createInputTopic({ name: 'in', ...TEXT });
  input.pipeInput('ab-', 'k', 1);
  expect(driver.produced).toEqual([]);
  input.pipeInput('ab-c', 'k', 2);
  expect(driver.produced.map(({ topic, value }) => [topic, value?.toString()])).toEqual([
    ['app-s-changelog', 'c'],
    ['out', 'c'],
  ]);
  expect(driver.keyValueStore('s').get('k')).toBe('c');
});

const graceMs = 10_000;
const AGGREGATIONS: Record<string, (grouped: Grouped) => { toStream(): unknown }> = {
  count: (grouped) => grouped.count(),
  tumbling: (grouped) => grouped.windowedBy(TimeWindows.of({ sizeMs: 10, graceMs })).count(),
  sliding: (grouped) => grouped.windowedBy(SlidingWindows.of({ timeDifferenceMs: 10, graceMs })).count(),
  session: (grouped) => grouped.windowedBy(SessionWindows.of({ inactivityGapMs: 10, graceMs })).count(),
};

test.each(Object.keys(AGGREGATIONS))('a cache of any size leads to the same table in the end: %s', (name) => {
  const define = AGGREGATIONS[name] as (grouped: Grouped) => { toStream(): unknown };
  const records = fc.array(fc.tuple(fc.stringMatching(/^[ab]{1,4}$/), fc.nat({ max: 60 })), { maxLength: 30 });
  fc.assert(
    fc.property(records, fc.constantFrom(1, 150, 400, 100_000), (input, cacheMaxBytes) => {
      const last = (bytes: number): [string, string][] => {
        const rows = run(define, bytes, input).flat();
        const table = new Map(rows.map((row) => row.split('=') as [string, string]));
        return [...table].filter(([, value]) => value !== 'null').sort(([a], [b]) => (a < b ? -1 : 1));
      };
      expect(last(cacheMaxBytes)).toEqual(last(0));
    }),
    { numRuns: 40 },
  );
});
