import { longSerde } from '../serde/primitive-serdes.ts';
import type { Serde } from '../serde/serde.ts';
import type { Windowed } from '../serde/windowed.ts';
import type { GroupedHandle } from './grouped-handle.ts';
import { KTable } from './k-table.ts';
import type { NewStream } from './k-table.ts';
import { asksForStore } from './materialized.ts';
import { aggregateGrouped } from './operators/aggregate.ts';
import type { Aggregation } from './operators/aggregate.ts';
import { aggregateWindows } from './operators/window-aggregate.ts';
import type * as o from './options.ts';
import type { TimeWindows } from './windows.ts';

const AGGREGATE_PREFIX = 'KSTREAM-AGGREGATE-';
const REDUCE_PREFIX = 'KSTREAM-REDUCE-';

type Options<K, V> = o.NamedOptions & o.MaterializedOptions<K, V>;
type WindowedOptions<K, V> = o.NamedOptions & o.WindowedMaterializedOptions<K, V>;
/** Aggregates have a type of their own, so their serde has to be given. */
type WithValue<V> = { readonly value: Serde<NonNullable<V>> };

const COUNT: Aggregation = { initializer: () => 0, aggregator: (count) => (count as number) + 1 };

function reduction(reducer: unknown): Aggregation {
  const reduce = reducer as o.Reducer<unknown>;
  return { initializer: undefined, aggregator: (aggregate, value) => reduce(aggregate, value) };
}

function aggregation(initializer: unknown, aggregator: unknown): Aggregation {
  return {
    initializer: initializer as o.Initializer<unknown>,
    aggregator: aggregator as o.Aggregator<unknown, unknown, unknown>,
  };
}

/** A stream grouped by key, to be aggregated. Records without a key, and without windows those without a value, are dropped and counted. */
export class KGroupedStream<K, V> {
  /** For the DSL itself. */
  readonly handle: GroupedHandle;
  readonly #newStream: NewStream;

  constructor(handle: GroupedHandle, newStream: NewStream) {
    this.handle = handle;
    this.#newStream = newStream;
  }

  /** Number of records of each key. */
  count(options: Options<K, number> = {}): KTable<K, number> {
    burnStoreName(this.handle, options);
    const parts = { prefix: AGGREGATE_PREFIX, aggregation: COUNT, options, value: longSerde };
    return new KTable(aggregateGrouped(this.handle, parts), this.#newStream);
  }

  /** Combines the values of each key; the first one is taken as it is. */
  reduce(reducer: o.Reducer<NonNullable<V>>, options: Options<K, V> = {}): KTable<K, NonNullable<V>> {
    const { value } = this.handle;
    const parts = { prefix: REDUCE_PREFIX, aggregation: reduction(reducer), options, value };
    return new KTable(aggregateGrouped(this.handle, parts), this.#newStream);
  }

  /** Builds an aggregate of each key from its values. Null from the aggregator deletes it. */
  aggregate<A>(
    initializer: o.Initializer<A>,
    aggregator: o.Aggregator<K, NonNullable<V>, A>,
    options: Options<K, A> & WithValue<A> & o.MutatingOptions,
  ): KTable<K, NonNullable<A>> {
    const parts = { prefix: AGGREGATE_PREFIX, aggregation: aggregation(initializer, aggregator), value: undefined };
    return new KTable(aggregateGrouped(this.handle, { ...parts, options }), this.#newStream);
  }

  /** Groups by window as well. */
  windowedBy(windows: TimeWindows): TimeWindowedKStream<K, V> {
    return new TimeWindowedKStream(this.handle, windows, this.#newStream);
  }
}

/** A stream grouped by key and time window. Records without a value are aggregated too. Every update of a window goes downstream. */
export class TimeWindowedKStream<K, V> {
  /** For the DSL itself. */
  readonly handle: GroupedHandle;
  readonly #windows: TimeWindows;
  readonly #newStream: NewStream;

  constructor(handle: GroupedHandle, windows: TimeWindows, newStream: NewStream) {
    this.handle = handle;
    this.#windows = windows;
    this.#newStream = newStream;
  }

  /** Number of records of each key and window. */
  count(options: WindowedOptions<K, number> = {}): KTable<Windowed<K>, number> {
    burnStoreName(this.handle, options);
    return this.#aggregate(AGGREGATE_PREFIX, COUNT, options, longSerde);
  }

  /** Combines the values of each key and window; the first one is taken as it is. */
  reduce(reducer: o.Reducer<V>, options: WindowedOptions<K, V> = {}): KTable<Windowed<K>, NonNullable<V>> {
    return this.#aggregate(REDUCE_PREFIX, reduction(reducer), options, this.handle.value);
  }

  /** Builds an aggregate of each key and window. Null from the aggregator deletes it. */
  aggregate<A>(
    initializer: o.Initializer<A>,
    aggregator: o.Aggregator<K, V, A>,
    options: WindowedOptions<K, A> & WithValue<A> & o.MutatingOptions,
  ): KTable<Windowed<K>, NonNullable<A>> {
    return this.#aggregate(AGGREGATE_PREFIX, aggregation(initializer, aggregator), options, undefined);
  }

  #aggregate<A>(
    prefix: string,
    computed: Aggregation,
    options: WindowedOptions<unknown, unknown> & o.MutatingOptions,
    value: Serde<unknown> | undefined,
  ): KTable<Windowed<K>, A> {
    const parts = { prefix, windows: this.#windows, aggregation: computed, options, value };
    return new KTable(aggregateWindows(this.handle, parts), this.#newStream);
  }
}

/** A count with options but without a store name takes one number more than other aggregations: once it did so by accident, and names have to stay. */
function burnStoreName(handle: GroupedHandle, options: WindowedOptions<unknown, unknown>): void {
  if (options.storeName === undefined && asksForStore(options)) handle.graph.newStoreName(AGGREGATE_PREFIX);
}
