import { longSerde } from '../serde/primitive-serdes.ts';
import type { Serde } from '../serde/serde.ts';
import type { GroupedTableHandle } from './grouped-table-handle.ts';
import type { KTable } from './k-table.ts';
import { aggregateTable } from './operators/table-aggregate.ts';
import type { TableAggregation } from './operators/table-aggregate.ts';
import type * as o from './options.ts';
import type { TableHandle } from './table-handle.ts';

const AGGREGATE_PREFIX = 'KTABLE-AGGREGATE-';
const REDUCE_PREFIX = 'KTABLE-REDUCE-';

/** Makes the table of a handle: passed in, because tables make groups and groups make tables. */
export type NewTable = <K, V>(handle: TableHandle) => KTable<K, V>;

type Options<K, V> = o.NamedOptions & o.MaterializedOptions<K, V>;

const COUNT: TableAggregation = {
  initializer: () => 0,
  adder: (count) => (count as number) + 1,
  subtractor: (count) => (count as number) - 1,
};

/** A table grouped by another key. A row that changes is first subtracted from the aggregate of its old group, then added to that of its new one. */
export class KGroupedTable<K, V> {
  /** For the DSL itself. */
  readonly handle: GroupedTableHandle;
  readonly #newTable: NewTable;
  /** Only a type: keeps groups of different rows apart. */
  declare protected readonly row: { readonly key: K; readonly value: V };

  constructor(handle: GroupedTableHandle, newTable: NewTable) {
    this.handle = handle;
    this.#newTable = newTable;
  }

  /** Number of rows in each group; 0 for a group that all rows have left. */
  count(options: Options<K, number> = {}): KTable<K, number> {
    const parts = { prefix: AGGREGATE_PREFIX, aggregation: COUNT, options, value: longSerde };
    return this.#newTable(aggregateTable(this.handle, parts));
  }

  /** Combines the values of each group; the first one is taken as it is. The subtractor gets the aggregate and the value that leaves. */
  reduce(
    adder: o.Reducer<NonNullable<V>>,
    subtractor: o.Reducer<NonNullable<V>>,
    options: Options<K, V> = {},
  ): KTable<K, NonNullable<V>> {
    const aggregation = { initializer: undefined, adder: reducer(adder), subtractor: reducer(subtractor) };
    const parts = { prefix: REDUCE_PREFIX, aggregation, options, value: this.handle.value };
    return this.#newTable(aggregateTable(this.handle, parts));
  }

  /** Builds an aggregate of each group. Null from adder or subtractor deletes it. */
  aggregate<A>(
    initializer: o.Initializer<A>,
    adder: o.Aggregator<K, NonNullable<V>, A>,
    subtractor: o.Aggregator<K, NonNullable<V>, A>,
    options: Options<K, A> & { readonly value: Serde<NonNullable<A>> },
  ): KTable<K, NonNullable<A>> {
    const aggregation = { initializer, adder, subtractor } as TableAggregation;
    const parts = { prefix: AGGREGATE_PREFIX, aggregation, options, value: undefined };
    return this.#newTable(aggregateTable(this.handle, parts));
  }
}

function reducer(given: unknown): o.Aggregator<unknown, unknown, unknown> {
  const reduce = given as o.Reducer<unknown>;
  return (aggregate, value) => reduce(aggregate, value);
}
