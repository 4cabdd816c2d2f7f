/** `stream`, `table` and `toStream`: what is read, with which time, and which topics can be read together. */
import { describe, expect, test } from '@jest/globals';
import { StreamsBuilder, TopologyError } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { TEXT, runTopology, streamIn } from '../operator-driver.ts';
import type { Row } from '../operator-driver.ts';

const ROWS: readonly Row[] = [
  ['a', 'k', 'new', 20],
  ['b', 'k', 'old', 10],
  ['a', 'k', null, 30],
  ['b', 'other', null, 31],
  ['a', null, 'nobody', 32],
];

describe('stream', () => {
  test('reads several topics as one, records without key or value too', () => {
    const { out, dropped } = runTopology((builder) => {
      builder.stream<string | null, string | null>(['a', 'b'], TEXT).to('out');
    }, ROWS);
    expect(out).toEqual(ROWS.map(([, ...rest]) => ['out', ...rest]));
    expect(dropped).toEqual({});
  });

  test.each([
    { name: 'its own', extractor: undefined, times: [10, 5], dropped: {} },
    { name: 'one of the value', extractor: (value: string) => Number(value), times: [7, 3], dropped: {} },
    { name: 'a negative one, which drops it', extractor: () => -1, times: [], dropped: { 'negative-timestamp': 2 } },
  ])('a record has the time that the extractor gives: $name', ({ extractor, times, dropped }) => {
    const timestampExtractor = extractor === undefined ? undefined : ({ value }: { value: string }) => extractor(value);
    const outcome = runTopology(
      (builder) => builder.stream<string, string>('in', { ...TEXT, timestampExtractor }).to('out'),
      [
        ['in', 'k', '7', 10],
        ['in', 'k', '3', 5],
      ],
    );
    expect(outcome.out.map((row) => (row as unknown[])[3])).toEqual(times);
    expect(outcome.dropped).toEqual(dropped);
  });

  test('an extractor is told where a record stands and the greatest time of its partition', () => {
    const seen: unknown[] = [];
    runTopology(
      (builder) => {
        builder.stream<string, string>('in', {
          ...TEXT,
          timestampExtractor: ({ topic, partition, offset, timestamp }, partitionTimeMs) => {
            seen.push([topic, partition, offset, timestamp, partitionTimeMs]);
            return timestamp;
          },
        });
      },
      [
        ['in', 'k', 'x', 10],
        ['in', 'k', 'y', 5],
      ],
    );
    expect(seen).toEqual([
      ['in', 0, 0, 10, -1],
      ['in', 0, 1, 5, 10],
    ]);
  });
});

describe('table', () => {
  test('the last record of a key counts whatever its time, null deletes, and each is a change', () => {
    const { out, dropped } = runTopology((builder) => {
      builder.table<string, string>('a', TEXT).toStream().to('out');
      builder.table<string, string>('b', TEXT).toStream().to('out-b');
    }, ROWS);
    expect(out).toEqual([
      ['out', 'k', 'new', 20],
      ['out-b', 'k', 'old', 10],
      ['out', 'k', null, 30],
      ['out-b', 'other', null, 31],
    ]);
    expect(dropped).toEqual({ 'null-key': 1 });
  });

  test.each([
    { what: 'nobody reads', storeName: undefined, isJoined: false, topics: [] },
    { what: 'has a name', storeName: 'rows', isJoined: false, topics: ['app-rows-changelog'] },
    { what: 'is joined', storeName: undefined, isJoined: true, topics: ['app-a-STATE-STORE-0000000000-changelog'] },
  ])('one that $what keeps its rows accordingly', ({ storeName, isJoined, topics }) => {
    const builder = new StreamsBuilder();
    const table = builder.table<string, string>('a', { ...TEXT, storeName });
    if (isJoined) streamIn(builder).join(table, (left) => left);
    const { internalTopics } = builder.build().plan('app');
    expect(internalTopics.map(({ name }) => name)).toEqual(topics);
    expect(table.queryableStoreName).toBe(storeName);
  });

  test('its store has rows with their times', () => {
    const builder = new StreamsBuilder();
    builder.table<string, string>('a', { ...TEXT, storeName: 'rows' });
    const driver = new TopologyTestDriver(builder.build());
    for (const [, key, value, timestamp] of ROWS.slice(0, 2)) {
      driver.createInputTopic({ name: 'a', ...TEXT }).pipeInput(value, key, timestamp);
    }
    expect([...driver.keyValueStore('rows').all()]).toEqual([{ key: 'k', value: 'old', timestamp: 10 }]);
    driver.close();
  });
});

test.each<[what: string, define: (builder: StreamsBuilder) => void, sources: number | RegExp]>([
  ['two streams of one topic', (builder) => [streamIn(builder), streamIn(builder)], 1],
  ['a stream and a table of one topic', (builder) => [streamIn(builder), builder.table('in', TEXT)], /already read/],
  ['two tables of one topic', (builder) => [builder.table('in', TEXT), builder.table('in', TEXT)], /already read/],
  ['lists that overlap', (builder) => [builder.stream(['a', 'b'], TEXT), builder.stream(['b', 'c'], TEXT)], /\bb\b/],
  ['a topic without a name', (builder) => builder.stream('', TEXT), /without a name/],
  ['no serde', (builder) => builder.stream('in', { key: TEXT.key }), /no serde is known/],
])('%s', (_what, define, wanted) => {
  const build = (): string => {
    const builder = new StreamsBuilder();
    define(builder);
    return builder.build().describe();
  };
  if (typeof wanted === 'number') expect(build().match(/Source:/g)).toHaveLength(wanted);
  else {
    expect(build).toThrow(TopologyError);
    expect(build).toThrow(wanted);
  }
});
