/** The named topologies of the golden files that the DSL has so far, as its users would write them. */
import { JoinWindows, TimeWindows, serdes } from '@playhead/stream-core';
import type { KStream, KTable, Serde, Windowed, StreamsBuilder } from '@playhead/stream-core';

type Text = string | null;
type TextStream = KStream<Text, Text>;

const text = serdes.string;
const textTable = { key: text, value: text };
const tumbling = TimeWindows.of({ sizeMs: 10, graceMs: 5 });

const concat = (aggregate: string, value: Text): string => `${aggregate}+${value}`;
const join = (left: unknown, right: unknown): string => `${left}/${right}`;
const startsWith = (letter: string) => (value: Text) => value?.startsWith(letter) === true;

const streamOf = (builder: StreamsBuilder, topic: string): TextStream => builder.stream<Text, Text>(topic, textTable);
const tableOf = (builder: StreamsBuilder, topic: string): KTable<string, string> =>
  builder.table<string, string>(topic, textTable);

function writeWindows<V>(table: KTable<Windowed<string>, V>): void {
  table
    .toStream()
    .map((value, key) => ({ key: String(key), value: String(value) }))
    .to('out', textTable);
}

function writeCounts(table: KTable<string, number>): void {
  const decimal = (count: number | null): Text => (count === null ? null : String(count));
  table.toStream().mapValues(decimal).to('out', { value: text });
}

function joinGlobal(builder: StreamsBuilder, left: boolean): void {
  const a = streamOf(builder, 'A');
  const b = builder.globalTable<string, string>('B', textTable);
  const key = (value: Text): Text => (value === null || value === 'nokey' ? null : value);
  const joined = left ? a.leftJoinGlobal(b, key, join) : a.joinGlobal(b, key, join);
  joined.to('out', { value: text });
}

const within10 = JoinWindows.within(10, { graceMs: 5 });

function joinStreams(
  builder: StreamsBuilder,
  method: 'joinStream' | 'leftJoinStream' | 'outerJoinStream',
  windows: JoinWindows,
): void {
  const a = streamOf(builder, 'A');
  a[method](streamOf(builder, 'B'), join, windows).to('out', textTable);
}

function joinTables(builder: StreamsBuilder, method: 'join' | 'leftJoin' | 'outerJoin'): void {
  const a = tableOf(builder, 'A');
  a[method](tableOf(builder, 'B'), join).toStream().to('out', textTable);
}

function joinForeignKeys(builder: StreamsBuilder, method: 'joinForeignKey' | 'leftJoinForeignKey'): void {
  const a = tableOf(builder, 'A');
  const foreignKey = (value: string): Text => (value.includes(':') ? (value.split(':')[0] as string) : null);
  a[method](tableOf(builder, 'B'), foreignKey, join).toStream().to('out', textTable);
}

const aggregateOptions: { value: Serde<string> } = { value: text };

/** What each name stands for: appendix A of the reference. */
export const APPENDIX_TOPOLOGIES: Readonly<Record<string, (builder: StreamsBuilder) => void>> = {
  tumble: (builder) =>
    writeWindows(
      streamOf(builder, 'A')
        .groupByKey()
        .windowedBy(tumbling)
        .aggregate(() => '', concat, aggregateOptions),
    ),
  hop: (builder) =>
    writeWindows(
      streamOf(builder, 'A')
        .groupByKey()
        .windowedBy(TimeWindows.of({ sizeMs: 10, advanceMs: 4, graceMs: 0 }))
        .aggregate(() => '', concat, aggregateOptions),
    ),
  wcount: (builder) => writeWindows(streamOf(builder, 'A').groupByKey().windowedBy(tumbling).count()),
  wreduce: (builder) => writeWindows(streamOf(builder, 'A').groupByKey().windowedBy(tumbling).reduce(join)),
  count: (builder) => writeCounts(streamOf(builder, 'A').groupByKey().count()),
  agg: (builder) =>
    streamOf(builder, 'A')
      .groupByKey()
      .aggregate(() => '', concat, aggregateOptions)
      .toStream()
      .to('out'),
  reduce: (builder) =>
    streamOf(builder, 'A')
      .groupByKey()
      .reduce((a, b) => a + b)
      .toStream()
      .to('out'),
  tableFilter: (builder) => tableOf(builder, 'A').filter(startsWith('x')).toStream().to('out'),
  tableFilterMat: (builder) => tableOf(builder, 'A').filter(startsWith('x'), { storeName: 'fs' }).toStream().to('out'),
  tableMapValues: (builder) =>
    tableOf(builder, 'A')
      .mapValues((value) => `m${value}`)
      .toStream()
      .to('out', { value: text }),
  stInner: (builder) => {
    const a = streamOf(builder, 'A');
    a.join(tableOf(builder, 'B'), join).to('out', { value: text });
  },
  stLeft: (builder) => {
    const a = streamOf(builder, 'A');
    a.leftJoin(tableOf(builder, 'B'), join).to('out', { value: text });
  },
  gInner: (builder) => joinGlobal(builder, false),
  gLeft: (builder) => joinGlobal(builder, true),
  rekey: (builder) =>
    writeCounts(
      streamOf(builder, 'A')
        .selectKey((value) => value)
        .groupByKey({ key: text })
        .count(),
    ),
  mergeBranch: (builder) => {
    const a = streamOf(builder, 'A');
    const split = a.merge(streamOf(builder, 'B')).split();
    const label = (prefix: string) => (value: Text) => `${prefix}:${value}`;
    split.branch(startsWith('x')).mapValues(label('X')).to('out', textTable);
    split.branch(startsWith('y')).mapValues(label('Y')).to('out', textTable);
    split.defaultBranch().mapValues(label('D')).to('out', textTable);
  },
  flat: (builder) =>
    streamOf(builder, 'A')
      .flatMapValues((value) => value?.split(',') ?? [])
      .to('out', { value: text }),
  ssInner: (builder) => joinStreams(builder, 'joinStream', within10),
  ssLeft: (builder) => joinStreams(builder, 'leftJoinStream', within10),
  ssOuter: (builder) => joinStreams(builder, 'outerJoinStream', within10),
  ssAsym: (builder) => joinStreams(builder, 'joinStream', JoinWindows.of({ beforeMs: 3, afterMs: 7, graceMs: 5 })),
  self: (builder) => {
    const a = streamOf(builder, 'A');
    a.joinStream(a, join, within10).to('out', textTable);
  },
  ttInner: (builder) => joinTables(builder, 'join'),
  ttLeft: (builder) => joinTables(builder, 'leftJoin'),
  ttOuter: (builder) => joinTables(builder, 'outerJoin'),
  fkInner: (builder) => joinForeignKeys(builder, 'joinForeignKey'),
  fkLeft: (builder) => joinForeignKeys(builder, 'leftJoinForeignKey'),
  filter: (builder) =>
    streamOf(builder, 'A')
      .filter((value) => value?.startsWith('x') !== true)
      .to('out'),
  toTable: (builder) => streamOf(builder, 'A').toTable().toStream().to('out'),
};

/** The topologies with the topics they read. */
export function topicsOf(name: string): readonly string[] {
  return [
    'stInner',
    'stLeft',
    'gInner',
    'gLeft',
    'mergeBranch',
    'ssInner',
    'ssLeft',
    'ssOuter',
    'ssAsym',
    'ttInner',
    'ttLeft',
    'ttOuter',
    'fkInner',
    'fkLeft',
  ].includes(name)
    ? ['A', 'B']
    : ['A'];
}
