import { ArgumentError } from '../../errors.ts';
import { ProcessorNode } from '../../processor/processor-node.ts';
import type { TaskContext } from '../../processor/task-context.ts';
import type { Serde } from '../../serde/serde.ts';
import { timeWindowedSerde } from '../../serde/windowed-serdes.ts';
import { Windowed } from '../../serde/windowed.ts';
import { stores } from '../../state/stores.ts';
import type { WindowStore } from '../../state/window-store.ts';
import { attachAggregation } from '../grouped-handle.ts';
import type { GroupedHandle } from '../grouped-handle.ts';
import { storeNameOr } from '../materialized.ts';
import type { MutatingOptions, NamedOptions, WindowedMaterializedOptions } from '../options.ts';
import { requireSerde } from '../stream-handle.ts';
import type { TableHandle, TableSupplier, TableView } from '../table-handle.ts';
import type { TimeWindows } from '../windows.ts';
import type { Aggregation } from './aggregate.ts';
import { refuseMutation } from './aggregate.ts';
import { windowView } from './store-getter.ts';

/**
 * Keeps one aggregate per key and window. Records without a key are dropped, those without a value are aggregated. The node's own time is the greatest timestamp that reached it: a window
 * whose end is at or before that time minus the grace takes no more records, and each one so refused counts.
 */
class WindowAggregateNode extends ProcessorNode {
  readonly #windows: TimeWindows;
  readonly #storeName: string;
  readonly #aggregation: Aggregation;
  readonly #sendOldValues: boolean;
  #store!: WindowStore<unknown, unknown>;
  #observedMs = -1;

  constructor(windows: TimeWindows, storeName: string, aggregation: Aggregation, sendOldValues: boolean) {
    super();
    this.#windows = windows;
    this.#storeName = storeName;
    this.#aggregation = aggregation;
    this.#sendOldValues = sendOldValues;
  }

  override init(context: TaskContext): void {
    super.init(context);
    this.#store = context.store(this.#storeName) as WindowStore<unknown, unknown>;
  }

  override process(key: unknown, value: unknown, timestamp: number): void {
    if (key === null) {
      this.context.drop('null-key');
      return;
    }
    if (timestamp > this.#observedMs) this.#observedMs = timestamp;
    const { sizeMs, advanceMs, graceMs } = this.#windows;
    const closeMs = this.#observedMs - graceMs;
    for (let start = this.#windows.firstStart(timestamp); start <= timestamp; start += advanceMs) {
      if (start + sizeMs > closeMs) this.#update(key, value, timestamp, start);
      else this.context.drop('late-record');
    }
  }

  #update(key: unknown, value: unknown, timestamp: number, startMs: number): void {
    const { initializer, aggregator } = this.#aggregation;
    const store = this.#store;
    let oldAggregate = store.fetch(key, startMs);
    let newTimestamp = timestamp;
    let newAggregate: unknown;
    if (oldAggregate !== null) {
      newTimestamp = Math.max(timestamp, store.foundTimestamp);
      newAggregate = aggregator(oldAggregate, value, key);
    } else if (initializer === undefined) {
      newAggregate = value;
    } else {
      oldAggregate = initializer();
      newAggregate = aggregator(oldAggregate, value, key);
    }
    store.put(key, newAggregate, startMs, newAggregate === null ? timestamp : newTimestamp);
    if (this.children.length === 0) return;
    const windowed = new Windowed(key, startMs, startMs + this.#windows.sizeMs);
    this.forwardChange(windowed, newAggregate, this.#sendOldValues ? oldAggregate : null, newTimestamp, true);
  }
}

/** The table of a windowed aggregation. */
class WindowAggregateTable implements TableSupplier {
  readonly #windows: TimeWindows;
  readonly #storeName: string;
  readonly #aggregation: Aggregation;
  readonly #mutates: boolean;
  #sendOldValues = false;

  constructor(windows: TimeWindows, storeName: string, aggregation: Aggregation, mutates: boolean) {
    this.#windows = windows;
    this.#storeName = storeName;
    this.#aggregation = aggregation;
    this.#mutates = mutates;
  }

  create(): ProcessorNode {
    return new WindowAggregateNode(this.#windows, this.#storeName, this.#aggregation, this.#sendOldValues);
  }

  view(): TableView {
    return windowView(this.#storeName);
  }

  enableSendingOldValues(force: boolean): boolean {
    if (this.#mutates && !force) return false;
    refuseMutation(this.#mutates, this.#storeName);
    this.#sendOldValues = true;
    return true;
  }
}

/** What windowed `aggregate`, `reduce` and `count` share. */
export interface WindowAggregateOptions {
  readonly prefix: string;
  readonly windows: TimeWindows;
  readonly aggregation: Aggregation;
  readonly options: NamedOptions & WindowedMaterializedOptions<unknown, unknown> & MutatingOptions;
  readonly value: Serde<unknown> | undefined;
}

export function aggregateWindows(grouped: GroupedHandle, parts: WindowAggregateOptions): TableHandle {
  const { graph } = grouped;
  const { prefix, windows, aggregation, options, value } = parts;
  const { storeName, isQueryable } = storeNameOr(graph, options, prefix);
  const name = graph.nameOr(options.name, prefix);
  const mutates = options.mutates ?? false;
  const key = requireSerde(options.key ?? grouped.key, 'key', `store ${storeName}`);
  const valueSerde = requireSerde(options.value ?? value, 'value', `store ${storeName}`);
  const { sizeMs, graceMs } = windows;
  const { logging, logConfig, retentionMs = sizeMs + graceMs } = options;
  if (retentionMs < sizeMs + graceMs) {
    throw new ArgumentError(
      `store ${storeName} keeps ${retentionMs} ms; allowed: at least size plus grace, ${sizeMs + graceMs} ms`,
      { context: { store: storeName } },
    );
  }
  return attachAggregation(grouped, {
    name,
    isQueryable,
    value: valueSerde,
    key: timeWindowedSerde(key, sizeMs),
    builder: stores.window({
      name: storeName,
      key,
      value: valueSerde,
      logging,
      logConfig,
      mutates,
      windowSizeMs: sizeMs,
      retentionMs,
    }),
    supplier: new WindowAggregateTable(windows, storeName, aggregation, mutates),
  });
}
