import { ProcessorNode } from '../../processor/processor-node.ts';
import type { TaskContext } from '../../processor/task-context.ts';
import type { Change } from '../../serde/change-serde.ts';
import type { Serde } from '../../serde/serde.ts';
import type { StoreBuilder } from '../../state/store-builder.ts';
import { ProcessorGraphNode } from '../graph/processor-graph-node.ts';
import { repartitionGroupedTable } from '../grouped-table-handle.ts';
import type { GroupedTableHandle } from '../grouped-table-handle.ts';
import { storeNameOr, tableStore } from '../materialized.ts';
import type { Aggregator, Initializer, MaterializedOptions, NamedOptions } from '../options.ts';
import { requireSerde } from '../stream-handle.ts';
import type { TableHandle, TableSupplier, TableView } from '../table-handle.ts';
import { keyValueView } from './store-getter.ts';
import { TableRows } from './table-rows.ts';

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
  #rows!: TableRows;

  constructor(storeName: string, aggregation: TableAggregation, sendOldValues: boolean) {
    super();
    this.#storeName = storeName;
    this.#aggregation = aggregation;
    this.#sendOldValues = sendOldValues;
  }

  override init(context: TaskContext): void {
    super.init(context);
    this.#rows = new TableRows(context, this.#storeName, this.#sendOldValues, (key, newValue, oldValue, timestamp) =>
      this.forwardChange(key, newValue, oldValue, timestamp, true),
    );
  }

  override process(key: unknown, change: unknown, timestamp: number): void {
    const { newValue, oldValue } = change as Change<unknown>;
    const { initializer, adder, subtractor } = this.#aggregation;
    const rows = this.#rows;
    const oldAggregate = rows.get(key);
    let newTimestamp = timestamp;
    let aggregate = oldAggregate;
    if (oldAggregate !== null) {
      // Used by the subtractor, the adder or both; else it stays as it is, with the change's timestamp.
      if (oldValue !== null || newValue !== null) newTimestamp = Math.max(timestamp, rows.foundTimestamp);
      if (oldValue !== null) aggregate = subtractor(oldAggregate, oldValue, key);
    }
    if (newValue !== null) {
      if (aggregate !== null) aggregate = adder(aggregate, newValue, key);
      else aggregate = initializer === undefined ? newValue : adder(initializer(), newValue, key);
    }
    if (!rows.put(key, aggregate, newTimestamp, timestamp)) return;
    this.forwardChange(key, aggregate, this.#sendOldValues ? oldAggregate : null, newTimestamp, rows.isLatest);
  }
}

class TableAggregateTable implements TableSupplier {
  readonly #storeName: string;
  readonly #aggregation: TableAggregation;
  readonly historyMs: number | undefined;
  #sendOldValues = false;

  constructor({ name, historyMs }: StoreBuilder, aggregation: TableAggregation) {
    this.#storeName = name;
    this.#aggregation = aggregation;
    this.historyMs = historyMs;
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

/** Attaches an aggregation to a grouped table, behind its repartition topic. Throws `TopologyError` where a serde is missing. */
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
  const builder = tableStore({ name: storeName, key, value }, options);
  const supplier = new TableAggregateTable(builder, aggregation);
  const node = new ProcessorGraphNode(name, { create: () => supplier.create(), ownStore: () => builder });
  graph.add(node, repartition);
  const queryableName = isQueryable ? storeName : undefined;
  return { graph, name, node, key, value, sources: new Set([sourceName]), queryableName, supplier };
}
