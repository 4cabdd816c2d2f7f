import { expect, test } from '@jest/globals';
import type { KStream } from '@playhead/stream-core';
import { StreamsBuilder, TopologyError, serdes } from '@playhead/stream-core';
import { TEXT, streamIn } from '../dsl/operator-driver.ts';

type Text = string | null;

const byValue = (stream: KStream<Text, Text>, name?: string) =>
  stream.groupBy((value) => value, { name, key: serdes.string });

test.each<[what: string, define: (builder: StreamsBuilder) => void, refused: RegExp | undefined]>([
  [
    'a store without a name',
    (b) => streamIn(b).groupByKey().count(),
    /KSTREAM-AGGREGATE-STATE-STORE-0000000001-changelog/,
  ],
  [
    'a store without a name or a changelog',
    (b) => streamIn(b).groupByKey().count({ logging: false }),
    /state stores KSTREAM/,
  ],
  [
    'a repartition topic without a name',
    (b) => streamIn(b).repartition(),
    /KSTREAM-REPARTITION-0000000001-repartition/,
  ],
  ['a named store', (b) => streamIn(b).groupByKey().count({ storeName: 'counts' }), undefined],
  ['a repartition topic named by its store', (b) => byValue(streamIn(b)).count({ storeName: 'counts' }), undefined],
  ['a named group', (b) => byValue(streamIn(b), 'g').count({ storeName: 'counts' }), undefined],
  [
    'a foreign-key join, of which only the result has a name',
    (b) =>
      b.table('in', { ...TEXT, storeName: 'left' }).joinForeignKey(
        b.table('other', { ...TEXT, storeName: 'right' }),
        (value) => value,
        (left) => left,
        {
          storeName: 'joined',
          value: serdes.string,
        },
      ),
    undefined,
  ],
  ['a table nobody reads yet', (b) => b.table('in', TEXT).toStream().to('out'), /in-STATE-STORE-0000000000-changelog/],
  [
    'the buffer of a join that waits',
    (b) => {
      const stream = streamIn(b);
      const table = b.table<string, string>('versions', { ...TEXT, storeName: 'v', historyMs: 10 });
      stream.join(table, (left) => left, { graceMs: 5 }).to('out', TEXT);
    },
    /KSTREAM-JOIN-0000000003-Buffer-changelog/,
  ],
])('%s', (_what, define, refused) => {
  const builder = new StreamsBuilder();
  define(builder);
  expect(() => builder.build()).not.toThrow();
  const strict = new StreamsBuilder();
  define(strict);
  const build = () => strict.build({ ensureNames: true });
  if (refused === undefined) expect(build).not.toThrow();
  else {
    expect(build).toThrow(TopologyError);
    expect(build).toThrow(refused);
  }
});
