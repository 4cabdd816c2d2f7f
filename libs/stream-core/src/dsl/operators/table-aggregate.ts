import { ProcessorNode } from '../../processor/processor-node.ts';
import type { TaskContext } from '../../processor/task-context.ts';
import type { Change } from '../../serde/change-serde.ts';
import type { Serde } from '../../serde/serde.ts';
import { forwardsOnFlush } from '../../state/caching-store.ts';
import { putRow } from '../../state/versioned-key-value-store.ts';
import type { RowStore } from '../../state/versioned-key-value-store.ts';
import { ProcessorGraphNode } from '../graph/processor-graph-node.ts';
import { repartitionGroupedTable } from '../grouped-table-handle.ts';
import type { GroupedTableHandle } from '../grouped-table-handle.ts';
import { storeNameOr, tableStore } from '../materialized.ts';
import type { Aggregator, Initializer, MaterializedOptions, NamedOptions } from '../options.ts';
import { requireSerde } from '../stream-handle.ts';
import type { TableHandle, TableSupplier, TableView } from '../table-handle.ts';
import { keyValueView } from './store-getter.ts';

/** What is computed of a grouped table. */
export interface TableAggregation {
  /** Undefined: the first value is the first aggregate. */
  readonly initializer: Initializer<unknown> | undefined;
  readonly adder: Aggregator<unknown, unknown, unknown>;
  readonly subtractor: Aggregator<unknown, unknown, unknown>;
}

/** Keeps one aggregate per group: takes the old value of a changed row out, then puts the new one in. */
class TableAggregateNode extends ProcessorNode {
  readonly #storeName: string;
  readonly #aggregation: TableAggregation;
  readonly #sendOldValues: boolean;
  #store!: RowStore;
  #isCached = false;

  constructor(storeName: string, aggregation: TableAggregation, sendOldValues: boolean) {
    super();
    this.#storeName = storeName;
    this.#aggregation = aggregation;
    this.#sendOldValues = sendOldValues;
  }

  override init(context: TaskContext): void {
    super.init(context);
    this.#store = context.store(this.#storeName) as RowStore;
    this.#isCached = forwardsOnFlush(this.#store, this.#sendOldValues, (key, newValue, oldValue, timestamp) =>
      this.forwardChange(key, newValue, oldValue, timestamp, true),
    );
  }

  override process(key: unknown, change: unknown, timestamp: number): void {
    const { newValue, oldValue } = change as Change<unknown>;
    const { initializer, adder, subtractor } = this.#aggregation;
    const store = this.#store;
    const oldAggregate = store.get(key);
    let newTimestamp = timestamp;
    let aggregate = oldAggregate;
    if (oldAggregate !== null) {
      // Used by the subtractor, the adder or both; else it stays as it is, with the change's timestamp.
      if (oldValue !== null || newValue !== null) newTimestamp = Math.max(timestamp, store.foundTimestamp);
      if (oldValue !== null) aggregate = subtractor(oldAggregate, oldValue, key);
    }
    if (newValue !== null) {
      if (aggregate !== null) aggregate = adder(aggregate, newValue, key);
      else aggregate = initializer === undefined ? newValue : adder(initializer(), newValue, key);
    }
    // A delete has no timestamp of its own, unless it is a version: its changelog record gets the change's.
    const isPlainDelete = aggregate === null && store.putVersion === undefined;
    const outcome = putRow(store, key, aggregate, isPlainDelete ? timestamp : newTimestamp);
    if (this.#isCached || outcome === 'expired') return;
    const isLatest = outcome === 'latest';
    this.forwardChange(key, aggregate, this.#sendOldValues ? oldAggregate : null, newTimestamp, isLatest);
  }
}

class TableAggregateTable implements TableSupplier {
  readonly historyMs: number | undefined;
  readonly #storeName: string;
  readonly #aggregation: TableAggregation;
  #sendOldValues = false;

  constructor(storeName: string, aggregation: TableAggregation, historyMs: number | undefined) {
    this.historyMs = historyMs;
    this.#storeName = storeName;
    this.#aggregation = aggregation;
  }

  create(): ProcessorNode {
    return new TableAggregateNode(this.#storeName, this.#aggregation, this.#sendOldValues);
  }

  view(): TableView {
    return keyValueView(this.#storeName, this.historyMs !== undefined);
  }

  enableSendingOldValues(): boolean {
    this.#sendOldValues = true;
    return true;
  }
}

/** What `aggregate`, `reduce` and `count` of grouped tables share. */
export interface TableAggregateOptions {
  readonly prefix: string;
  readonly aggregation: TableAggregation;
  readonly options: NamedOptions & MaterializedOptions<unknown, unknown>;
  readonly value: Serde<unknown> | undefined;
}

export function aggregateTable(
  grouped: GroupedTableHandle,
  { prefix, aggregation, options, value: given }: TableAggregateOptions,
): TableHandle {
  const { graph } = grouped;
  // Stores of reductions are called aggregates too.
  const { storeName, isQueryable } = storeNameOr(graph, options, 'KTABLE-AGGREGATE-');
  const key = requireSerde(options.key ?? grouped.key, 'key', `store ${storeName}`);
  const value = requireSerde(options.value ?? given, 'value', `store ${storeName}`);
  const { node: repartition, sourceName } = repartitionGroupedTable(grouped, { name: options.name, storeName });
  const name = graph.nameOr(options.name, prefix);
  const { logging, logConfig, caching = true, historyMs } = options;
  const builder = tableStore({ name: storeName, key, value, logging, logConfig, caching }, historyMs);
  const supplier = new TableAggregateTable(storeName, aggregation, historyMs);
  const node = new ProcessorGraphNode(name, { create: () => supplier.create(), ownStore: () => builder });
  graph.add(node, repartition);
  const queryableName = isQueryable ? storeName : undefined;
  return { graph, name, node, key, value, sources: new Set([sourceName]), queryableName, supplier };
}
