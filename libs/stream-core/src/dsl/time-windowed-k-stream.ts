import { ArgumentError } from '../errors.ts';
import { longSerde } from '../serde/primitive-serdes.ts';
import type { Serde } from '../serde/serde.ts';
import type { Windowed } from '../serde/windowed.ts';
import type { GroupedHandle } from './grouped-handle.ts';
import { KTable } from './k-table.ts';
import type { NewStream } from './k-table.ts';
import { burnStoreName } from './materialized.ts';
import { COUNT, aggregation, reduction } from './operators/aggregate.ts';
import type { Aggregation } from './operators/aggregate.ts';
import { aggregateWindows } from './operators/window-aggregate.ts';
import type { AnyTimeWindows } from './operators/window-aggregate.ts';
import type * as o from './options.ts';
import { SlidingWindows, UnlimitedWindows } from './windows.ts';
import type { EmitStrategy } from './windows.ts';

const AGGREGATE_PREFIX = 'KSTREAM-AGGREGATE-';
const REDUCE_PREFIX = 'KSTREAM-REDUCE-';

type Options<K, V> = o.NamedOptions & o.WindowedMaterializedOptions<K, V>;

/**
 * A stream grouped by key and by tumbling, hopping, sliding or unlimited windows. Records without a value are aggregated too, but for sliding windows, which drop them. Every update of a
 * window goes downstream, unless `emitStrategy` says otherwise.
 */
export class TimeWindowedKStream<K, V> {
  /** For the DSL itself. */
  readonly handle: GroupedHandle;
  readonly #windows: AnyTimeWindows;
  readonly #newStream: NewStream;
  readonly #emit: EmitStrategy;

  constructor(
    handle: GroupedHandle,
    windows: AnyTimeWindows,
    newStream: NewStream,
    emit: EmitStrategy = 'ON_WINDOW_UPDATE',
  ) {
    this.handle = handle;
    this.#windows = windows;
    this.#newStream = newStream;
    this.#emit = emit;
  }

  /** The same windows with another strategy. Throws `ArgumentError` for unlimited windows that are to be sent when they close. */
  emitStrategy(strategy: EmitStrategy): TimeWindowedKStream<K, V> {
    if (strategy === 'ON_WINDOW_CLOSE' && this.#windows instanceof UnlimitedWindows) {
      throw new ArgumentError('unlimited windows never close; allowed: ON_WINDOW_UPDATE');
    }
    return new TimeWindowedKStream<K, V>(this.handle, this.#windows, this.#newStream, strategy);
  }

  /** Number of records of each key and window. */
  count(options: Options<K, number> = {}): KTable<Windowed<K>, number> {
    // Sliding windows came later and never took that number.
    if (!(this.#windows instanceof SlidingWindows)) burnStoreName(this.handle.graph, options, AGGREGATE_PREFIX);
    return this.#aggregate(AGGREGATE_PREFIX, COUNT, options, longSerde);
  }

  /** Combines the values of each key and window; the first one is taken as it is. */
  reduce(reducer: o.Reducer<V>, options: Options<K, V> = {}): KTable<Windowed<K>, NonNullable<V>> {
    return this.#aggregate(REDUCE_PREFIX, reduction(reducer), options, this.handle.value);
  }

  /** Builds an aggregate of each key and window. Null from the aggregator deletes it. */
  aggregate<A>(
    initializer: o.Initializer<A>,
    aggregator: o.Aggregator<K, V, A>,
    options: Options<K, A> & { readonly value: Serde<NonNullable<A>> } & o.MutatingOptions,
  ): KTable<Windowed<K>, NonNullable<A>> {
    return this.#aggregate(AGGREGATE_PREFIX, aggregation(initializer, aggregator), options, undefined);
  }

  #aggregate<A>(
    prefix: string,
    computed: Aggregation,
    options: Options<unknown, unknown> & o.MutatingOptions,
    value: Serde<unknown> | undefined,
  ): KTable<Windowed<K>, A> {
    const parts = { prefix, windows: this.#windows, emit: this.#emit, aggregation: computed, options, value };
    return new KTable(aggregateWindows(this.handle, parts), this.#newStream);
  }
}
