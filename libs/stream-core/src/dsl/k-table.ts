import { filterTable } from './operators/table-filter.ts';
import { mapTableValues } from './operators/table-map-values.ts';
import { joinForeignKey } from './operators/foreign-key/foreign-key-join.ts';
import type { ForeignKeyJoinCall } from './operators/foreign-key/foreign-key-join.ts';
import { joinTables } from './operators/table-table-join.ts';
import type { TableJoin } from './operators/table-table-join.ts';
import { tableToStream } from './operators/to-stream.ts';
import type { Windowed } from '../serde/windowed.ts';
import type { KStream } from './k-stream.ts';
import { KGroupedTable } from './k-grouped-table.ts';
import { groupTable } from './operators/table-group-by.ts';
import { transformTableValues } from './operators/table-transform-values.ts';
import { suppressTable } from './operators/suppress.ts';
import type * as o from './options.ts';
import type { StreamHandle } from './stream-handle.ts';
import type { SuppressOptions, SuppressUntilTimeLimit, SuppressUntilWindowCloses } from './suppress-options.ts';
import type { TableHandle } from './table-handle.ts';
import type { ValueTransformer } from './value-transformer.ts';

/** Makes the stream of a handle: passed in, because streams make tables and tables make streams. */
export type NewStream = <K, V>(handle: StreamHandle) => KStream<K, V>;

/** A table: the last value of each key. Every change of a row goes downstream, deletes as null. */
export class KTable<K, V> {
  /** For the DSL itself. */
  readonly handle: TableHandle;
  readonly #newStream: NewStream;

  constructor(handle: TableHandle, newStream: NewStream) {
    this.handle = handle;
    this.#newStream = newStream;
  }

  /** Name under which the table can be queried; undefined: it cannot. */
  get queryableStoreName(): string | undefined {
    return this.handle.queryableName;
  }

  /** Keeps the rows that the predicate accepts; a row that it rejects is deleted downstream. */
  filter(predicate: o.Predicate<K, V>, options: o.NamedOptions & o.MaterializedOptions<K, V> = {}): KTable<K, V> {
    return new KTable(
      filterTable(this.handle, predicate as o.Predicate<unknown, unknown>, false, options),
      this.#newStream,
    );
  }

  /** Keeps the rows that the predicate rejects. */
  filterNot(predicate: o.Predicate<K, V>, options: o.NamedOptions & o.MaterializedOptions<K, V> = {}): KTable<K, V> {
    return new KTable(
      filterTable(this.handle, predicate as o.Predicate<unknown, unknown>, true, options),
      this.#newStream,
    );
  }

  /** Replaces the value of each row; null leaves the row out. */
  mapValues<VR>(
    mapper: o.ValueMapper<K, V, VR>,
    options: o.NamedOptions & o.MaterializedOptions<K, VR> = {},
  ): KTable<K, NonNullable<VR>> {
    return new KTable(
      mapTableValues(this.handle, mapper as o.ValueMapper<unknown, unknown, unknown>, options),
      this.#newStream,
    );
  }

  /** Replaces the value of each row by a transformer with stores of its own, which sees deletes too. */
  transformValues<VR>(
    supplier: () => ValueTransformer<K, V, VR>,
    options: o.ProcessOptions & o.MaterializedOptions<K, VR> = {},
  ): KTable<K, NonNullable<VR>> {
    return new KTable(
      transformTableValues(this.handle, supplier as () => ValueTransformer<unknown, unknown, unknown>, options),
      this.#newStream,
    );
  }

  /** The changes as records: null is a delete. */
  toStream(options: o.NamedOptions = {}): KStream<K, V | null> {
    return this.#newStream(tableToStream(this.handle, options));
  }

  /** Groups rows by another key, with another value: both halves of a change are given to the mapper. `name` also names the repartition topic. */
  groupBy<KR, VR>(
    mapper: o.KeyValueMapper<K, V, KR, VR>,
    options: o.GroupedOptions<KR, VR>,
  ): KGroupedTable<NonNullable<KR>, NonNullable<VR>> {
    const handle = groupTable(this.handle, mapper as o.KeyValueMapper<unknown, unknown, unknown, unknown>, options);
    return new KGroupedTable(handle, (table) => new KTable(table, this.#newStream));
  }

  /** Keeps changes back and sends only the last one of each key: at most one in a time, or one per window when it has closed. Driven by stream time: nothing goes without new input. */
  suppress(options: SuppressUntilTimeLimit<K, V>): KTable<K, V>;
  suppress(options: K extends Windowed<unknown> ? SuppressUntilWindowCloses<K, V> : never): KTable<K, V>;
  suppress(options: SuppressOptions<K, V>): KTable<K, V> {
    return new KTable(suppressTable(this.handle, options), this.#newStream);
  }

  /** Joins rows of equal keys of both tables; a row without a partner has no result. */
  join<VO, VR>(
    other: KTable<K, VO>,
    joiner: o.ValueJoiner<K, V, VO, VR>,
    options: o.NamedOptions & o.MaterializedOptions<K, VR> = {},
  ): KTable<K, NonNullable<VR>> {
    return new KTable(joinTables(this.handle, other.handle, tableJoin('inner', joiner, options)), this.#newStream);
  }

  /** As `join`, with null for what the other table does not have. */
  leftJoin<VO, VR>(
    other: KTable<K, VO>,
    joiner: o.ValueJoiner<K, V, VO | null, VR>,
    options: o.NamedOptions & o.MaterializedOptions<K, VR> = {},
  ): KTable<K, NonNullable<VR>> {
    return new KTable(joinTables(this.handle, other.handle, tableJoin('left', joiner, options)), this.#newStream);
  }

  /** As `leftJoin`, with null for what either table does not have. */
  outerJoin<VO, VR>(
    other: KTable<K, VO>,
    joiner: o.ValueJoiner<K, V | null, VO | null, VR>,
    options: o.NamedOptions & o.MaterializedOptions<K, VR> = {},
  ): KTable<K, NonNullable<VR>> {
    return new KTable(joinTables(this.handle, other.handle, tableJoin('outer', joiner, options)), this.#newStream);
  }

  /** Joins each row with the row of another table whose key the row names; a row that names none, or one that is not there, has no result. Changes of either table are answered. */
  joinForeignKey<KO, VO, VR>(
    other: KTable<KO, VO>,
    foreignKeyOf: o.KeySelector<K, V, KO | null>,
    joiner: o.ValueJoiner<K, V, VO, VR>,
    options: o.NamedOptions & o.MaterializedOptions<K, VR> & o.ForeignKeyOptions<V, VO> = {},
  ): KTable<K, NonNullable<VR>> {
    const call = foreignKeyJoin(false, foreignKeyOf, joiner, options);
    return new KTable(joinForeignKey(this.handle, other.handle, call), this.#newStream);
  }

  /** As `joinForeignKey`, with null where the other table has no such row. */
  leftJoinForeignKey<KO, VO, VR>(
    other: KTable<KO, VO>,
    foreignKeyOf: o.KeySelector<K, V, KO | null>,
    joiner: o.ValueJoiner<K, V, VO | null, VR>,
    options: o.NamedOptions & o.MaterializedOptions<K, VR> & o.ForeignKeyOptions<V, VO> = {},
  ): KTable<K, NonNullable<VR>> {
    const call = foreignKeyJoin(true, foreignKeyOf, joiner, options);
    return new KTable(joinForeignKey(this.handle, other.handle, call), this.#newStream);
  }
}

function foreignKeyJoin(isLeft: boolean, foreignKeyOf: unknown, joiner: unknown, options: object): ForeignKeyJoinCall {
  return {
    isLeft,
    joiner: joiner as TableJoin['joiner'],
    foreignKeyOf: foreignKeyOf as ForeignKeyJoinCall['foreignKeyOf'],
    options,
  };
}

function tableJoin(type: TableJoin['type'], joiner: unknown, options: object): TableJoin {
  return { type, joiner: joiner as TableJoin['joiner'], options };
}
