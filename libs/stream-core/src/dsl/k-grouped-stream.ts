import { longSerde } from '../serde/primitive-serdes.ts';
import type { Serde } from '../serde/serde.ts';
import { CogroupedKStream } from './cogrouped-k-stream.ts';
import type { GroupedHandle } from './grouped-handle.ts';
import { KTable } from './k-table.ts';
import type { NewStream } from './k-table.ts';
import { burnStoreName } from './materialized.ts';
import { COUNT, aggregateGrouped, aggregation, reduction } from './operators/aggregate.ts';
import type { AnyTimeWindows } from './operators/window-aggregate.ts';
import type * as o from './options.ts';
import { SessionWindowedKStream } from './session-windowed-k-stream.ts';
import { TimeWindowedKStream } from './time-windowed-k-stream.ts';
import { SessionWindows } from './windows.ts';
import type { SlidingWindows, TimeWindows, UnlimitedWindows } from './windows.ts';

const AGGREGATE_PREFIX = 'KSTREAM-AGGREGATE-';
const REDUCE_PREFIX = 'KSTREAM-REDUCE-';

type Options<K, V> = o.NamedOptions & o.MaterializedOptions<K, V>;
/** Aggregates have a type of their own, so their serde has to be given. */
type WithValue<V> = { readonly value: Serde<NonNullable<V>> };

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
    burnStoreName(this.handle.graph, options, AGGREGATE_PREFIX);
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

  /** Starts an aggregation of several streams into one table; the others are added to what it gives. */
  cogroup<A>(aggregator: o.Aggregator<K, NonNullable<V>, A>): CogroupedKStream<K, A> {
    return new CogroupedKStream<K, A>(this.handle, aggregator, this.#newStream);
  }

  /** Groups by window as well. */
  windowedBy(windows: TimeWindows | SlidingWindows | UnlimitedWindows): TimeWindowedKStream<K, V>;
  /** Groups by session as well. */
  windowedBy(windows: SessionWindows): SessionWindowedKStream<K, V>;
  windowedBy(windows: AnyTimeWindows | SessionWindows): TimeWindowedKStream<K, V> | SessionWindowedKStream<K, V> {
    if (windows instanceof SessionWindows) return new SessionWindowedKStream(this.handle, windows, this.#newStream);
    return new TimeWindowedKStream(this.handle, windows, this.#newStream);
  }
}
