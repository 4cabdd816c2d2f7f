import { TopologyError } from '../../errors.ts';
import type { ProcessorNode as AnyNode } from '../../processor/processor-node.ts';
import { ProcessorNode } from '../../processor/processor-node.ts';
import type { TaskContext } from '../../processor/task-context.ts';
import type { Serde } from '../../serde/serde.ts';
import type { StoreBuilder } from '../../state/store-builder.ts';
import { attachAggregation } from '../grouped-handle.ts';
import type { GroupedHandle } from '../grouped-handle.ts';
import { storeNameOr, tableStore } from '../materialized.ts';
import type {
  Aggregator,
  Initializer,
  MaterializedOptions,
  MutatingOptions,
  NamedOptions,
  Reducer,
} from '../options.ts';
import { requireSerde } from '../stream-handle.ts';
import type { TableHandle, TableSupplier, TableView } from '../table-handle.ts';
import { keyValueView } from './store-getter.ts';
import { TableRows } from './table-rows.ts';

/** What is computed: for `reduce`, the first value is the first aggregate. */
export interface Aggregation {
  /** Undefined: the first value is the first aggregate. */
  readonly initializer: Initializer<unknown> | undefined;
  readonly aggregator: Aggregator<unknown, unknown, unknown>;
}

/** Counts records. */
export const COUNT: Aggregation = { initializer: () => 0, aggregator: (count) => (count as number) + 1 };

/** Combines values by a reducer. */
export function reduction(reducer: unknown): Aggregation {
  const reduce = reducer as Reducer<unknown>;
  return { initializer: undefined, aggregator: (aggregate, value) => reduce(aggregate, value) };
}

/** An aggregation with the types of its values put aside. */
export function aggregation(initializer: unknown, aggregator: unknown): Aggregation {
  return {
    initializer: initializer as Initializer<unknown>,
    aggregator: aggregator as Aggregator<unknown, unknown, unknown>,
  };
}

/** Keeps one aggregate per key. Records without a key or a value are dropped. The aggregate's timestamp is the greatest of its records'. */
class AggregateNode extends ProcessorNode {
  readonly #storeName: string;
  readonly #aggregation: Aggregation;
  readonly #sendOldValues: boolean;
  #rows!: TableRows;

  constructor(storeName: string, aggregation: Aggregation, sendOldValues: boolean) {
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

  override process(key: unknown, value: unknown, timestamp: number): void {
    if (key === null || value === null) {
      this.context.drop(key === null ? 'null-key' : 'null-value');
      return;
    }
    const { initializer, aggregator } = this.#aggregation;
    const rows = this.#rows;
    let oldAggregate = rows.get(key);
    let newTimestamp = timestamp;
    let newAggregate: unknown;
    if (oldAggregate !== null) {
      newTimestamp = Math.max(timestamp, rows.foundTimestamp);
      newAggregate = aggregator(oldAggregate, value, key);
    } else if (initializer === undefined) {
      newAggregate = value;
    } else {
      oldAggregate = initializer();
      newAggregate = aggregator(oldAggregate, value, key);
    }
    if (!rows.put(key, newAggregate, newTimestamp, timestamp)) return;
    this.forwardChange(key, newAggregate, this.#sendOldValues ? oldAggregate : null, newTimestamp, rows.isLatest);
  }
}

/** The table of an aggregation. */
export class AggregateTable implements TableSupplier {
  readonly #storeName: string;
  readonly #aggregation: Aggregation;
  readonly #mutates: boolean;
  readonly historyMs: number | undefined;
  #sendOldValues = false;

  constructor({ name, mutates = false, historyMs }: StoreBuilder, aggregation: Aggregation) {
    this.#storeName = name;
    this.#aggregation = aggregation;
    this.#mutates = mutates;
    this.historyMs = historyMs;
  }

  create(): AnyNode {
    return new AggregateNode(this.#storeName, this.#aggregation, this.#sendOldValues);
  }

  view(): TableView {
    return keyValueView(this.#storeName, this.historyMs !== undefined);
  }

  enableSendingOldValues(force: boolean): boolean {
    if (this.#mutates && !force) return false;
    refuseMutation(this.#mutates, this.#storeName);
    this.#sendOldValues = true;
    return true;
  }
}

/** Throws when old values are asked of an aggregation that overwrites them. */
export function refuseMutation(mutates: boolean, storeName: string): void {
  if (!mutates) return;
  throw new TopologyError(
    `store ${storeName} is aggregated with \`mutates\`, but an operator downstream needs its old values`,
    {
      context: { store: storeName },
    },
  );
}

/** What `aggregate`, `reduce` and `count` share. */
export interface AggregateOptions {
  readonly prefix: string;
  readonly aggregation: Aggregation;
  readonly options: NamedOptions & MaterializedOptions<unknown, unknown> & MutatingOptions;
  readonly value: Serde<unknown> | undefined;
}

/** Attaches an aggregation without windows to a grouped stream, behind a repartition where its key has changed. Throws `TopologyError` where a serde is missing. */
export function aggregateGrouped(
  grouped: GroupedHandle,
  { prefix, aggregation, options, value }: AggregateOptions,
): TableHandle {
  const { graph } = grouped;
  const { storeName, isQueryable } = storeNameOr(graph, options, prefix);
  const name = graph.nameOr(options.name, prefix);
  const mutates = options.mutates ?? false;
  const key = requireSerde(options.key ?? grouped.key, 'key', `store ${storeName}`);
  const valueSerde = requireSerde(options.value ?? value, 'value', `store ${storeName}`);
  const builder = tableStore({ name: storeName, key, value: valueSerde, mutates }, options);
  const supplier = new AggregateTable(builder, aggregation);
  return attachAggregation(grouped, { name, isQueryable, key, value: valueSerde, builder, supplier });
}
