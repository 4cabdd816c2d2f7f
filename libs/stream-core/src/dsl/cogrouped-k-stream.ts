import type { Serde } from '../serde/serde.ts';
import type { Windowed } from '../serde/windowed.ts';
import { timeWindowedSerde, sessionWindowedSerde } from '../serde/windowed-serdes.ts';
import type { StoreBuilder } from '../state/store-builder.ts';
import type { GroupedHandle } from './grouped-handle.ts';
import { KTable } from './k-table.ts';
import type { NewStream } from './k-table.ts';
import { storeNameOr, tableStore } from './materialized.ts';
import { AggregateTable } from './operators/aggregate.ts';
import { COGROUP_PREFIX, CogroupInputs, cogroup } from './operators/cogroup.ts';
import { SessionAggregateNode } from './operators/session-aggregate.ts';
import { SessionTable, sessionStore } from './operators/session-table.ts';
import { keyValueView, sessionView, windowView } from './operators/store-getter.ts';
import { WindowAggregateTable, windowNode, windowStore, windowTimes } from './operators/window-aggregate.ts';
import type { AnyTimeWindows } from './operators/window-aggregate.ts';
import type * as o from './options.ts';
import { requireSerde } from './stream-handle.ts';
import { SessionWindows } from './windows.ts';
import type { SlidingWindows, TimeWindows, UnlimitedWindows } from './windows.ts';

type AnyAggregator = o.Aggregator<unknown, unknown, unknown>;
type Options<K, A> = o.NamedOptions & o.MaterializedOptions<K, A> & { readonly value: Serde<NonNullable<A>> };
type WindowedOptions<K, A> = o.NamedOptions &
  o.WindowedMaterializedOptions<K, A> & { readonly value: Serde<NonNullable<A>> };

/** A group that further inputs can be added to. */
interface Grouped<K, V> {
  readonly handle: GroupedHandle;
  /** Only for its types. */
  reduce(reducer: o.Reducer<NonNullable<V>>): KTable<K, NonNullable<V>>;
}

/** What all kinds of cogrouped streams work with. */
interface Cogrouped {
  readonly inputs: CogroupInputs;
  readonly newStream: NewStream;
}

/** Several streams, grouped by keys of one type, aggregated into one table: each by an aggregator of its own, on one store. */
export class CogroupedKStream<K, A> {
  readonly #cogrouped: Cogrouped;

  /** Only for `KGroupedStream.cogroup`. */
  constructor(first: GroupedHandle, aggregator: unknown, newStream: NewStream) {
    this.#cogrouped = { inputs: new CogroupInputs(), newStream };
    this.#cogrouped.inputs.aggregators.set(first, aggregator as AnyAggregator);
  }

  /** Adds an input. Gives the same object. */
  cogroup<V>(grouped: Grouped<K, V>, aggregator: o.Aggregator<K, NonNullable<V>, A>): this {
    this.#cogrouped.inputs.aggregators.set(grouped.handle, aggregator as AnyAggregator);
    return this;
  }

  /** One aggregate per key. Null from an aggregator deletes it. */
  aggregate(initializer: o.Initializer<A>, options: Options<K, A>): KTable<K, NonNullable<A>> {
    const { inputs, newStream } = this.#cogrouped;
    const { name } = options;
    const parts = storeOf(inputs, options, (store) => tableStore(store, options));
    const { builder } = parts;
    const table = cogroup(inputs, {
      ...parts,
      name,
      windowGraceMs: undefined,
      view: keyValueView(builder.name, builder.historyMs !== undefined),
      supplier: (aggregator) => new AggregateTable(builder, { initializer, aggregator }),
    });
    return new KTable(table, newStream);
  }

  /** Groups by window as well. */
  windowedBy(windows: TimeWindows | SlidingWindows | UnlimitedWindows): TimeWindowedCogroupedKStream<K, A>;
  /** Groups by session as well. */
  windowedBy(windows: SessionWindows): SessionWindowedCogroupedKStream<K, A>;
  windowedBy(
    windows: AnyTimeWindows | SessionWindows,
  ): TimeWindowedCogroupedKStream<K, A> | SessionWindowedCogroupedKStream<K, A> {
    if (windows instanceof SessionWindows) return new SessionWindowedCogroupedKStream(this.#cogrouped, windows);
    return new TimeWindowedCogroupedKStream(this.#cogrouped, windows);
  }
}

/** Cogrouped streams, by tumbling, hopping, sliding or unlimited windows too. Every input has a time of its own: one may be late where another is not. */
export class TimeWindowedCogroupedKStream<K, A> {
  readonly #cogrouped: Cogrouped;
  readonly #windows: AnyTimeWindows;

  constructor(cogrouped: Cogrouped, windows: AnyTimeWindows) {
    this.#cogrouped = cogrouped;
    this.#windows = windows;
  }

  /** One aggregate per key and window. */
  aggregate(initializer: o.Initializer<A>, options: WindowedOptions<K, A>): KTable<Windowed<K>, NonNullable<A>> {
    const { inputs, newStream } = this.#cogrouped;
    const windows = this.#windows;
    const parts = storeOf(inputs, options, (store) => windowStore(windows, options, store));
    const storeName = parts.builder.name;
    const table = cogroup(inputs, {
      ...parts,
      key: timeWindowedSerde(parts.key, windowTimes(windows).sizeMs),
      name: options.name,
      windowGraceMs: windows.graceMs,
      view: windowView(storeName),
      supplier: (aggregator) =>
        new WindowAggregateTable(storeName, false, (sendOldValues) =>
          windowNode(windows, {
            storeName,
            aggregation: { initializer, aggregator },
            sendOldValues,
            emitsOnClose: false,
          }),
        ),
    });
    return new KTable(table, newStream);
  }
}

/** Cogrouped streams, by session too. */
export class SessionWindowedCogroupedKStream<K, A> {
  readonly #cogrouped: Cogrouped;
  readonly #windows: SessionWindows;

  constructor(cogrouped: Cogrouped, windows: SessionWindows) {
    this.#cogrouped = cogrouped;
    this.#windows = windows;
  }

  /** One aggregate per key and session; the merger combines those of sessions that become one. */
  aggregate(
    initializer: o.Initializer<A>,
    merger: o.Merger<K, A>,
    options: WindowedOptions<K, A>,
  ): KTable<Windowed<K>, NonNullable<A>> {
    const { inputs, newStream } = this.#cogrouped;
    const windows = this.#windows;
    const parts = storeOf(inputs, options, (store) => sessionStore(windows, options, store));
    const storeName = parts.builder.name;
    const table = cogroup(inputs, {
      ...parts,
      key: sessionWindowedSerde(parts.key),
      name: options.name,
      windowGraceMs: windows.graceMs + windows.inactivityGapMs,
      view: sessionView(storeName),
      supplier: (aggregator) =>
        new SessionTable(storeName, false, (sendOldValues) => {
          const aggregation = { initializer, aggregator, merger: merger as o.Merger<unknown, unknown> };
          return new SessionAggregateNode(windows, { storeName, aggregation, sendOldValues, emitsOnClose: false });
        }),
    });
    return new KTable(table, newStream);
  }
}

/** The store that all inputs share. */
function storeOf(
  { first }: CogroupInputs,
  options: Options<unknown, unknown>,
  build: (parts: { name: string; key: Serde<unknown>; value: Serde<unknown> }) => StoreBuilder,
) {
  const { storeName: name, isQueryable } = storeNameOr(first.graph, options, COGROUP_PREFIX);
  const key = requireSerde(options.key ?? first.key, 'key', `store ${name}`);
  const value: Serde<unknown> = options.value;
  return { key, value, isQueryable, builder: build({ name, key, value }) };
}
