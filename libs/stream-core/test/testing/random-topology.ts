/** Builds topologies of random steps, over the topics `in`, `other` and `table`. */
import type { KGroupedStream, KStream, KTable, Topology, Windowed } from '@playhead/stream-core';
import {
  JoinWindows,
  SessionWindows,
  SlidingWindows,
  StreamsBuilder,
  TimeWindows,
  serdes,
  stores,
} from '@playhead/stream-core';
import type { Shape, Step, ValueKind } from './random-steps.ts';

export type Text = string;
type Stream = KStream<Text, Text>;

export const TEXT = { key: serdes.string, value: serdes.string };
/** No window closes between two time jumps of the input, which are longer than this and a window. */
export const GRACE_MS = 10_000;

/**
 * Longer than any record is on its way. A node that takes a record for later than this (a join without a partner, a suppressed change) acts at once, and one that starts anew does not know how late it is.
 */
const LONG_MS = 1_000;
/** Of a versioned table. */
const HISTORY_MS = 2 * GRACE_MS;

/** FNV-1a, in base 36. */
export function hash(text: string): string {
  let mixed = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) mixed = Math.imul(mixed ^ text.charCodeAt(at), 0x01000193);
  return (mixed >>> 0).toString(36);
}

export const union = (a: Text, b: Text): Text => [...new Set([...a.split('|'), ...b.split('|')])].sort().join('|');
const groupOf = (key: Text): Text => `g${hash(key).charCodeAt(0) % 5}`;

/** Builds the steps on a builder; stores are called `s<step>`. */
export function buildTopology(steps: readonly Step[], values: ValueKind, shape: Shape = {}): Topology {
  const { logging = true, optimized = false, versioned = false } = shape;
  const builder = new StreamsBuilder();
  const history = versioned ? { historyMs: HISTORY_MS } : {};
  const table = lazily(() => builder.table<Text, Text>('table', { ...TEXT, storeName: 'table', ...history }));
  const other = lazily(() => builder.stream<Text, Text>('other', TEXT));
  const chain = new Chain(builder, values, { table, other, logging });
  let stream: Stream = builder.stream<Text, Text>('in', TEXT);
  for (const [index, step] of steps.entries()) stream = chain.append(stream, step, `s${index}`);
  stream.to('out', TEXT);
  return builder.build({ optimize: optimized ? 'all' : 'none' });
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

class Chain {
  readonly #builder: StreamsBuilder;
  readonly #values: ValueKind;
  readonly #sources: { table: () => KTable<Text, Text>; other: () => Stream; logging: boolean };

  constructor(
    builder: StreamsBuilder,
    values: ValueKind,
    sources: { table: () => KTable<Text, Text>; other: () => Stream; logging: boolean },
  ) {
    this.#builder = builder;
    this.#values = values;
    this.#sources = sources;
  }

  append(stream: Stream, step: Step, name: string): Stream {
    switch (step.kind) {
      case 'filter':
        // What is left out of a set that grows must not depend on how far it has grown.
        return stream.filter((value, key) => hash(this.#values === 'union' ? key : value).charCodeAt(0) % 4 !== 0);
      case 'mapValues':
        return stream.mapValues((value) => this.#map(value, name));
      case 'flatMapValues':
        return stream.flatMapValues((value) => [value, this.#map(value, name)]);
      case 'branch':
        return this.#branch(stream, name);
      case 'rekey':
        return stream.selectKey((_value, key) => groupOf(key)).repartition({ ...TEXT, name, partitions: 2 });
      case 'process':
        return this.#process(stream, name);
      case 'tableJoin':
        return this.#joinTables(stream, step, name);
      case 'streamTableJoin': {
        const table = this.#sources.table();
        const joiner = (left: Text, right: Text | null): Text => this.#combine(left, right ?? '0');
        const options = { ...TEXT, name, graceMs: step.waits === true ? LONG_MS : undefined };
        const keyed = stream.selectKey((_value, key) => tableKey(key));
        return step.type === 'inner' ? keyed.join(table, joiner, options) : keyed.leftJoin(table, joiner, options);
      }
      case 'streamJoin':
        return this.#joinStreams(stream, step, name);
      case 'foreignKeyJoin':
        return this.#joinForeignKey(stream, step, name);
      case 'tableGroup':
        return this.#groupTable(stream, step, name);
      case 'cogroup':
        return this.#cogroup(stream, step, name);
      case 'suppressedTable':
        return this.#aggregate(stream.groupByKey(TEXT), { ...step, window: 'none' }, name)
          .suppress({ until: 'TIME_LIMIT', limitMs: LONG_MS, name: `${name}-held`, ...TEXT })
          .toStream()
          .mapValues((value) => value ?? '');
      default:
        return this.#aggregateStream(stream, step, name);
    }
  }

  /** Of a union, element by element. */
  #map(value: Text, salt: string): Text {
    if (this.#values !== 'union') return hash(value + salt);
    return value
      .split('|')
      .map((element) => String((Number(element) * 7 + salt.length) % 60))
      .reduce(union);
  }

  #combine(left: Text, right: Text): Text {
    return this.#values === 'union' ? union(left, right) : hash(`${left},${right}`);
  }

  #branch(stream: Stream, name: string): Stream {
    const odd = stream.filter((_value, key) => hash(key).charCodeAt(0) % 2 === 1);
    const even = stream.filter((_value, key) => hash(key).charCodeAt(0) % 2 === 0);
    return odd.mapValues((value) => this.#map(value, name)).merge(even);
  }

  #process(stream: Stream, name: string): Stream {
    const { logging } = this.#sources;
    this.#builder.addStateStore(stores.keyValue<Text, Text>({ name, ...TEXT, logging }));
    return stream.processValues<Text>(
      () => {
        let forward: (value: Text) => Text = String;
        let send: (record: { key: Text; value: Text; timestamp: number; headers: [] }) => void = () => {};
        return {
          init: (context) => {
            const store =
              context.getStateStore<ReturnType<ReturnType<typeof stores.keyValue<Text, Text>>['build']>>(name);
            forward = (value) => {
              const next = hash((store.get('all') ?? '') + value);
              store.put('all', next);
              return next;
            };
            send = (record) => context.forward(record);
          },
          process: ({ key, value, timestamp }) => send({ key, value: forward(value), timestamp, headers: [] }),
        };
      },
      { stores: [name] },
    );
  }

  #grouped(stream: Stream, step: Step): KGroupedStream<Text, Text> {
    return step.rekeys === true ? stream.groupBy((_value, key) => groupOf(key), { ...TEXT }) : stream.groupByKey(TEXT);
  }

  #aggregateStream(stream: Stream, step: Step, name: string): Stream {
    const grouped = this.#grouped(stream, step);
    if (step.window === 'none') return toTexts(this.#aggregate(grouped, step, name));
    return toTexts(this.#aggregateWindows(grouped, step, name));
  }

  #aggregate(
    grouped: KGroupedStream<Text, Text>,
    { caching }: Step,
    name: string,
    aggregator: (aggregate: Text, value: Text) => Text | null = this.#aggregator,
  ): KTable<Text, Text> {
    const options = { storeName: name, caching, logging: this.#sources.logging, value: serdes.string };
    return grouped.aggregate(() => this.#empty, aggregator, options);
  }

  get #empty(): Text {
    return this.#values === 'digest' ? '' : '0';
  }

  /** Of a digest, one in twelve deletes its row. */
  get #aggregator(): (aggregate: Text, value: Text) => Text | null {
    if (this.#values === 'count') return (aggregate) => String(Number(aggregate) + 1);
    if (this.#values === 'union') return union;
    return (aggregate, value) => {
      const next = this.#combine(aggregate, value);
      return parseInt(next, 36) % 12 === 0 ? null : next;
    };
  }

  #aggregateWindows(grouped: KGroupedStream<Text, Text>, step: Step, name: string): KTable<Windowed<Text>, Text> {
    const options = {
      storeName: name,
      caching: step.emits === 'ON_WINDOW_CLOSE' ? undefined : step.caching,
      retentionMs: step.retains === true ? 10 * GRACE_MS : undefined,
      logging: this.#sources.logging,
      value: serdes.string,
    };
    const emits = step.emits === 'ON_WINDOW_CLOSE' ? 'ON_WINDOW_CLOSE' : 'ON_WINDOW_UPDATE';
    const add = this.#aggregator;
    let table: KTable<Windowed<Text>, Text>;
    if (step.window === 'session') {
      const merge = (a: Text, b: Text): Text => this.#combine(a, b);
      table = grouped
        .windowedBy(SessionWindows.of({ inactivityGapMs: 15, graceMs: GRACE_MS }))
        .emitStrategy(emits)
        .aggregate(() => this.#empty, add, merge, options);
    } else {
      table = grouped
        .windowedBy(timeWindows(step.window))
        .emitStrategy(emits)
        .aggregate(() => this.#empty, add, options);
    }
    return step.emits === 'suppressed' ? table.suppress({ until: 'WINDOW_CLOSES', name: `${name}-held` }) : table;
  }

  #joinTables(stream: Stream, { type, caching }: Step, name: string): Stream {
    const left = this.#aggregate(
      stream.groupBy((_value, key) => tableKey(key), TEXT),
      { kind: 'aggregate', caching },
      `${name}-left`,
    );
    const joiner = (a: Text | null, b: Text | null): Text => this.#combine(a ?? '0', b ?? '0');
    const right = this.#sources.table();
    const options = { storeName: name, caching, ...TEXT };
    const joined =
      type === 'inner'
        ? left.join(right, joiner, options)
        : type === 'left'
          ? left.leftJoin(right, joiner, options)
          : left.outerJoin(right, joiner, options);
    return toTexts(joined);
  }

  #cogroup(stream: Stream, { caching }: Step, name: string): Stream {
    const options = { storeName: name, caching, logging: this.#sources.logging, value: serdes.string };
    const cogrouped = stream
      .groupBy((_value, key) => tableKey(key), TEXT)
      .cogroup<Text>(this.#aggregator)
      .cogroup(this.#sources.other().groupByKey(TEXT), this.#aggregator);
    return toTexts(cogrouped.aggregate(() => this.#empty, options));
  }

  #joinStreams(stream: Stream, { type }: Step, name: string): Stream {
    const left = stream.selectKey((_value, key) => tableKey(key));
    const windows = JoinWindows.within(LONG_MS, { graceMs: GRACE_MS });
    const options = { ...TEXT, otherValue: serdes.string, name };
    const joiner = (a: Text | null, b: Text | null): Text => this.#combine(a ?? '0', b ?? '0');
    const right = this.#sources.other();
    if (type === 'inner') return left.joinStream(right, joiner, windows, options);
    return type === 'left'
      ? left.leftJoinStream(right, joiner, windows, options)
      : left.outerJoinStream(right, joiner, windows, options);
  }

  /**
   * Rows name a row of the table by what they have become, so they change their minds. A left join tells of a deleted row without a key, to the partition whose turn it is; turns start anew with the
   * task, so its rows stay.
   */
  #joinForeignKey(stream: Stream, { type, caching }: Step, name: string): Stream {
    const add = type === 'inner' ? this.#aggregator : (row: Text, value: Text): Text => this.#combine(row, value);
    const rows = this.#aggregate(stream.groupByKey(TEXT), { kind: 'aggregate', caching }, `${name}-rows`, add);
    const other = this.#sources.table();
    const joiner = (row: Text, found: Text | null): Text => this.#combine(row, found ?? '0');
    const options = { storeName: name, caching, ...TEXT };
    return toTexts(
      type === 'inner'
        ? rows.joinForeignKey(other, tableKey, joiner, options)
        : rows.leftJoinForeignKey(other, tableKey, joiner, options),
    );
  }

  /** Adds and takes away: sums of numbers made of the rows. */
  #groupTable(stream: Stream, { caching }: Step, name: string): Stream {
    const rows = this.#aggregate(stream.groupByKey(TEXT), { kind: 'aggregate', caching }, `${name}-rows`);
    const weight = (value: Text): number => parseInt(hash(value), 36) % 1000;
    const sums = rows
      .groupBy((value, key) => ({ key: groupOf(key + hash(value).slice(0, 1)), value }), TEXT)
      .aggregate(
        () => '0',
        (sum, value) => String(Number(sum) + weight(value)),
        (sum, value) => String(Number(sum) - weight(value)),
        { storeName: name, caching, value: serdes.string, logging: this.#sources.logging },
      );
    return toTexts(sums);
  }
}

const tableKey = (key: Text): Text => `t${hash(key).charCodeAt(0) % 4}`;

function timeWindows(window: string | undefined): TimeWindows {
  if (window === 'tumbling') return TimeWindows.of({ sizeMs: 50, graceMs: GRACE_MS });
  if (window === 'hopping') return TimeWindows.of({ sizeMs: 60, advanceMs: 25, graceMs: GRACE_MS });
  return SlidingWindows.of({ timeDifferenceMs: 20, graceMs: GRACE_MS }) as unknown as TimeWindows;
}

/** What a table sends as a stream of texts; deletes are left out. */
function toTexts<K>(table: KTable<K, Text>): Stream {
  return table
    .toStream()
    .filter((value) => value !== null)
    .map((value, key) => ({ key: String(key), value: String(value) }));
}
