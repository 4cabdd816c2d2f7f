/** Builds the topology of a declarative case with nothing but the public DSL. */
import type { GlobalKTable, KGroupedStream, KStream, KTable, Reducer, Serde } from '@playhead/stream-core';
import { StreamsBuilder, TimeWindows, serdes, stores } from '@playhead/stream-core';
import type { Topology } from '@playhead/stream-core';
import * as f from './case-functions.ts';
import { joinOps } from './case-joins.ts';

export type Op = Readonly<Record<string, unknown>> & { readonly op: string; readonly id?: string };

/** What an op made, with the serdes of its key and value. */
export interface Made {
  readonly stream?: KStream<unknown, unknown>;
  readonly table?: KTable<unknown, unknown>;
  readonly global?: GlobalKTable<unknown, unknown>;
  readonly grouped?: KGroupedStream<Present, unknown>;
  readonly key: Serde<Present>;
  readonly value: Serde<Present>;
}

/** A key or value that is there. */
export type Present = string | number | object;

interface CaseStore {
  readonly name?: string;
  readonly retention?: number;
  readonly logging?: boolean;
  readonly versioned?: number;
}

const text = serdes.string as Serde<unknown> as Serde<Present>;
const long = serdes.long as Serde<unknown> as Serde<Present>;

/** Ops that the DSL has so far. */
const SUPPORTED = new Set(
  'stream table globalTable stateStore filter filterNot mapValues map flatMap flatMapValues selectKey peek merge split repartition toTable toStream to groupByKey groupBy count reduce aggregate joinTable joinGlobal process processValues joinStream joinTables joinFk'.split(
    ' ',
  ),
);

/** Whether a case uses only what is built. */
export function isSupported(topology: readonly Op[]): boolean {
  return topology.every((op) => {
    const window = op['window'] as { type: string } | undefined;
    return (
      SUPPORTED.has(op.op) &&
      (window === undefined || window.type === 'time' || op.op === 'joinStream') &&
      op['emit'] !== 'close'
    );
  });
}

/** Applies the ops in order. */
export class CaseTopology {
  readonly #builder = new StreamsBuilder();
  readonly #made = new Map<string, Made>();
  /** Serdes of the sinks' topics by topic; of a computed topic by its prefix. */
  readonly sinks: { topic: string; isPrefix: boolean; key: Serde<unknown>; value: Serde<unknown> }[] = [];
  readonly stores: { name: string; value: Serde<unknown>; hasTimestamp: boolean }[] = [];

  build(ops: readonly Op[], optimize: unknown = 'none'): Topology {
    for (const op of ops) this.#apply(op);
    return this.#builder.build({ optimize: optimize as 'none' });
  }

  #apply(op: Op): void {
    const make = (this.#ops as Record<string, (op: Op) => Made | void>)[op.op];
    if (make === undefined) throw new RangeError(`unknown op ${op.op}`);
    const made = make(op);
    if (made !== undefined && op.id !== undefined) this.#made.set(op.id, made);
  }

  #in(op: Op, field = 'in'): Made {
    return this.#made.get(op[field] as string) as Made;
  }

  #streamIn(op: Op): Made & { stream: KStream<unknown, unknown> } {
    return this.#in(op) as Made & { stream: KStream<unknown, unknown> };
  }

  /** Options of an op that may have a store. */
  #materialized(op: Op, key: Serde<Present>, value: Serde<Present>, always: boolean): object {
    const store = op['store'] as CaseStore | undefined;
    if (store === undefined) return always ? { ...named(op), key, value } : named(op);
    if (store.name !== undefined) this.stores.push({ name: store.name, value, hasTimestamp: true });
    const { name: storeName, retention: retentionMs, logging, versioned: historyMs } = store;
    return { ...named(op), key, value, storeName, retentionMs, logging, historyMs };
  }

  readonly #ops = {
    stream: (op: Op): Made => {
      const topics = (op['topics'] ?? [op['topic']]) as string[];
      return {
        stream: this.#builder.stream<unknown, unknown>(topics, { key: text, value: text, ...named(op) }),
        key: text,
        value: text,
      };
    },
    table: (op: Op): Made => {
      const options = { ...this.#materialized(op, text, text, false), key: text, value: text };
      return {
        table: this.#builder.table<unknown, unknown>(op['topic'] as string, options) as KTable<unknown, unknown>,
        key: text,
        value: text,
      };
    },
    globalTable: (op: Op): Made => {
      const options = { ...this.#materialized(op, text, text, false), key: text, value: text };
      return {
        global: this.#builder.globalTable<unknown, unknown>(op['topic'] as string, options),
        key: text,
        value: text,
      };
    },
    stateStore: (op: Op): void => {
      const name = op['name'] as string;
      this.stores.push({ name, value: text, hasTimestamp: false });
      this.#builder.addStateStore(
        stores.keyValue({ name, key: text, value: text, logging: op['logging'] as boolean | undefined }),
      );
    },
    filter: (op: Op): Made => this.#filter(op, 'filter'),
    filterNot: (op: Op): Made => this.#filter(op, 'filterNot'),
    mapValues: (op: Op): Made => {
      const { stream, table, key, value } = this.#in(op);
      const mapper = f.resolve(f.valueMappers, op['fn'] as string);
      const result = op['fn'] === 'id' ? value : text;
      if (stream !== undefined) return { stream: stream.mapValues(mapper, named(op)), key, value: result };
      const options = this.#materialized(op, key, result, false);
      return {
        table: (table as KTable<unknown, unknown>).mapValues(mapper, options) as KTable<unknown, unknown>,
        key,
        value: result,
      };
    },
    map: (op: Op): Made => {
      const { stream, key, value } = this.#streamIn(op);
      const select = f.resolve(f.keySelectors, op['key'] as string);
      const mapper = f.resolve(f.valueMappers, op['value'] as string);
      const mapped = stream.map((v, k) => ({ key: select(v, k), value: mapper(v, k) }), named(op));
      return { stream: mapped, key: op['key'] === 'key' ? key : text, value: op['value'] === 'id' ? value : text };
    },
    flatMap: (op: Op): Made => {
      const { stream, key } = this.#streamIn(op);
      const select = f.resolve(f.keySelectors, op['key'] as string);
      const values = f.resolve(f.flatMappers, op['values'] as string);
      const mapped = stream.flatMap((v, k) => values(v).map((x) => ({ key: select(x, k), value: x })), named(op));
      return { stream: mapped, key: op['key'] === 'key' ? key : text, value: text };
    },
    flatMapValues: (op: Op): Made => {
      const { stream, key } = this.#streamIn(op);
      return {
        stream: stream.flatMapValues(f.resolve(f.flatMappers, op['fn'] as string), named(op)),
        key,
        value: text,
      };
    },
    selectKey: (op: Op): Made => {
      const { stream, key, value } = this.#streamIn(op);
      const selected = stream.selectKey(f.resolve(f.keySelectors, op['fn'] as string), named(op));
      return { stream: selected, key: op['fn'] === 'key' ? key : text, value };
    },
    peek: (op: Op): Made => {
      const { stream, key, value } = this.#streamIn(op);
      return { stream: stream.peek(() => {}, named(op)), key, value };
    },
    merge: (op: Op): Made => {
      const { stream, key, value } = this.#streamIn(op);
      return { stream: stream.merge(this.#in(op, 'with').stream as KStream<unknown, unknown>, named(op)), key, value };
    },
    split: (op: Op): void => {
      const { stream, key, value } = this.#streamIn(op);
      const split = stream.split(named(op));
      for (const branch of op['branches'] as Op[]) {
        const predicate = f.resolve(f.predicates, branch['fn'] as string);
        this.#made.set(branch.id as string, { stream: split.branch(predicate, named(branch)), key, value });
      }
      const rest = op['default'] as Op | undefined;
      if (rest !== undefined)
        this.#made.set(rest.id as string, { stream: split.defaultBranch(named(rest)), key, value });
    },
    repartition: (op: Op): Made => {
      const { stream, key, value } = this.#streamIn(op);
      const options = { ...named(op), key, value, partitions: op['partitions'] as number | undefined };
      return { stream: stream.repartition(options), key, value };
    },
    toTable: (op: Op): Made => {
      const { stream, key, value } = this.#streamIn(op);
      return {
        table: stream.toTable(this.#materialized(op, key, value, true)) as KTable<unknown, unknown>,
        key,
        value,
      };
    },
    toStream: (op: Op): Made => {
      const { table, key, value } = this.#in(op);
      const stream = (table as KTable<unknown, unknown>).toStream(named(op));
      const fn = op['key'] as string | undefined;
      if (fn === undefined) return { stream, key, value };
      return { stream: stream.selectKey(f.resolve(f.keySelectors, fn)), key: fn === 'key' ? key : text, value };
    },
    to: (op: Op): void => {
      const { stream, key, value } = this.#streamIn(op);
      const topicFn = op['topicFn'] as string | undefined;
      if (topicFn === undefined) {
        this.sinks.push({ topic: op['topic'] as string, isPrefix: false, key, value });
        stream.to(op['topic'] as string, { ...named(op), key, value });
        return;
      }
      const prefix = topicFn.slice('prefix:'.length);
      const extractor = (_v: unknown, k: unknown): string => prefix + f.T(k);
      Object.defineProperty(extractor, 'name', { value: topicFn });
      this.sinks.push({ topic: prefix, isPrefix: true, key, value });
      stream.to(extractor, { ...named(op), key, value });
    },
    groupByKey: (op: Op): Made => {
      const { stream, key, value } = this.#streamIn(op);
      return { grouped: stream.groupByKey({ ...named(op), key, value }), key, value };
    },
    groupBy: (op: Op): Made => {
      const { stream, key, value } = this.#streamIn(op);
      const selected = op['fn'] === 'key' ? key : text;
      const selector = f.resolve(f.keySelectors, op['fn'] as string);
      return { grouped: stream.groupBy(selector, { ...named(op), key: selected, value }), key: selected, value };
    },
    count: (op: Op): Made => this.#aggregate(op, long, (on, options) => on.count(options)),
    reduce: (op: Op): Made => {
      const reducer = f.resolve(f.reducers, op['fn'] as string);
      return this.#aggregate(op, text, (on, options) => on.reduce(reducer as Reducer<Present>, options));
    },
    aggregate: (op: Op): Made => {
      const aggregator = f.resolve(f.aggregators, op['fn'] as string);
      const initializer = f.resolve(f.initializers, (op['init'] ?? 'empty') as string);
      return this.#aggregate(op, text, (on, options) =>
        on.aggregate<unknown>(initializer, aggregator, { value: text, ...options }),
      );
    },
    ...joinOps({
      of: (op, field) => this.#in(op, field),
      options: (op, key, value) => this.#materialized(op, key, value, false),
      named,
    }),
    process: (op: Op): Made => {
      const { stream, key } = this.#streamIn(op);
      const supplier = f.resolve(f.processors, op['fn'] as string);
      return {
        stream: stream.process<unknown, unknown>(supplier, {
          ...named(op),
          stores: op['stores'] as string[] | undefined,
        }),
        key,
        value: text,
      };
    },
    processValues: (op: Op): Made => {
      const { stream, key } = this.#streamIn(op);
      const supplier = f.resolve(f.processors, op['fn'] as string);
      return {
        stream: stream.processValues<unknown>(supplier, { ...named(op), stores: op['stores'] as string[] | undefined }),
        key,
        value: text,
      };
    },
  };

  #filter(op: Op, method: 'filter' | 'filterNot'): Made {
    const { stream, table, key, value } = this.#in(op);
    const predicate = f.resolve(f.predicates, op['fn'] as string);
    if (stream !== undefined) return { stream: stream[method](predicate, named(op)), key, value };
    const options = this.#materialized(op, key, value, false);
    return { table: (table as KTable<unknown, unknown>)[method](predicate, options), key, value };
  }

  #aggregate(
    op: Op,
    value: Serde<Present>,
    aggregate: (on: KGroupedStream<Present, unknown>, options: object) => unknown,
  ): Made {
    const { grouped, key } = this.#in(op);
    const on = grouped as KGroupedStream<Present, unknown>;
    const options = this.#materialized(op, key, value, true);
    const window = op['window'] as { size: number; advance?: number; grace?: number } | undefined;
    if (window === undefined) return { table: aggregate(on, options) as KTable<unknown, unknown>, key, value };
    const { size: sizeMs, advance: advanceMs, grace: graceMs = 0 } = window;
    const windowed = on.windowedBy(TimeWindows.of({ sizeMs, advanceMs, graceMs }));
    // The windowed stream has the same three methods.
    const table = aggregate(windowed as unknown as KGroupedStream<Present, unknown>, options) as KTable<
      unknown,
      unknown
    >;
    return { table, key: serdes.timeWindowed(key, sizeMs) as Serde<unknown> as Serde<Present>, value };
  }
}

function named(op: Op): { name?: string } {
  const name = op['name'] as string | undefined;
  return name === undefined ? {} : { name };
}
