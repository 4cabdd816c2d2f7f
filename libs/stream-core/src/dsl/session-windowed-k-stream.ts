import { longSerde } from '../serde/primitive-serdes.ts';
import type { Serde } from '../serde/serde.ts';
import type { Windowed } from '../serde/windowed.ts';
import type { GroupedHandle } from './grouped-handle.ts';
import { KTable } from './k-table.ts';
import type { NewStream } from './k-table.ts';
import { burnStoreName } from './materialized.ts';
import { COUNT, aggregation, reduction } from './operators/aggregate.ts';
import type { SessionAggregation } from './operators/session-aggregate.ts';
import { aggregateSessions } from './operators/session-table.ts';
import type * as o from './options.ts';
import type { EmitStrategy, SessionWindows } from './windows.ts';

const AGGREGATE_PREFIX = 'KSTREAM-AGGREGATE-';
const REDUCE_PREFIX = 'KSTREAM-REDUCE-';

type Options<K, V> = o.NamedOptions & o.WindowedMaterializedOptions<K, V>;

/**
 * A stream grouped by key and session. Records without a value are aggregated too. Every update goes downstream, as deletes of the sessions that a record merged and the session they became, unless
 * `emitStrategy` says otherwise.
 */
export class SessionWindowedKStream<K, V> {
  /** For the DSL itself. */
  readonly handle: GroupedHandle;
  readonly #windows: SessionWindows;
  readonly #newStream: NewStream;
  readonly #emit: EmitStrategy;

  constructor(
    handle: GroupedHandle,
    windows: SessionWindows,
    newStream: NewStream,
    emit: EmitStrategy = 'ON_WINDOW_UPDATE',
  ) {
    this.handle = handle;
    this.#windows = windows;
    this.#newStream = newStream;
    this.#emit = emit;
  }

  /** The same sessions with another strategy. */
  emitStrategy(strategy: EmitStrategy): SessionWindowedKStream<K, V> {
    return new SessionWindowedKStream<K, V>(this.handle, this.#windows, this.#newStream, strategy);
  }

  /** Number of records of each key and session. */
  count(options: Options<K, number> = {}): KTable<Windowed<K>, number> {
    burnStoreName(this.handle.graph, options, AGGREGATE_PREFIX);
    const merger = (a: unknown, b: unknown): unknown => (a as number) + (b as number);
    return this.#aggregate(AGGREGATE_PREFIX, { ...COUNT, merger }, options, longSerde);
  }

  /** Combines the values of each key and session; the first one is taken as it is. */
  reduce(reducer: o.Reducer<V>, options: Options<K, V> = {}): KTable<Windowed<K>, NonNullable<V>> {
    const reduce = reducer as o.Reducer<unknown>;
    const merger = (a: unknown, b: unknown): unknown => (a === null ? b : reduce(a, b));
    return this.#aggregate(REDUCE_PREFIX, { ...reduction(reducer), merger }, options, this.handle.value);
  }

  /** Builds an aggregate of each key and session; the merger combines those of sessions that become one. Null from the aggregator deletes the session. */
  aggregate<A>(
    initializer: o.Initializer<A>,
    aggregator: o.Aggregator<K, V, A>,
    merger: o.Merger<K, A>,
    options: Options<K, A> & { readonly value: Serde<NonNullable<A>> } & o.MutatingOptions,
  ): KTable<Windowed<K>, NonNullable<A>> {
    const computed = { ...aggregation(initializer, aggregator), merger: merger as o.Merger<unknown, unknown> };
    return this.#aggregate(AGGREGATE_PREFIX, computed, options, undefined);
  }

  #aggregate<A>(
    prefix: string,
    computed: SessionAggregation,
    options: Options<unknown, unknown> & o.MutatingOptions,
    value: Serde<unknown> | undefined,
  ): KTable<Windowed<K>, A> {
    const parts = { prefix, windows: this.#windows, emit: this.#emit, aggregation: computed, options, value };
    return new KTable(aggregateSessions(this.handle, parts), this.#newStream);
  }
}
