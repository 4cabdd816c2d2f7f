import type { ProcessorNode } from '../../processor/processor-node.ts';
import { TableProcessorNode } from '../../processor/processor-node.ts';
import type { TaskContext } from '../../processor/task-context.ts';
import type { Serde } from '../../serde/serde.ts';
import type { StoreBuilder } from '../../state/store-builder.ts';
import { ProcessorGraphNode } from '../graph/processor-graph-node.ts';
import { asksForStore, tableStore } from '../materialized.ts';
import type { MaterializedOptions, NamedOptions } from '../options.ts';
import { requireSerde } from '../stream-handle.ts';
import type { TableGetter, TableHandle, TableSupplier, TableView } from '../table-handle.ts';
import { keyValueView } from './store-getter.ts';
import { TableRows } from './table-rows.ts';

/** What a row of a derived table is, given the row it is derived from. Null: there is none. */
export type Derivation = (value: unknown, key: unknown) => unknown;

/** Derives rows in one task. */
export interface RowDeriver {
  readonly derive: Derivation;
  close?(): void;
}

/** The common part of `filter`, `mapValues` and `transformValues` on tables. */
export interface DerivedTableOptions {
  readonly prefix: string;
  /** Called once for each node that derives rows or reads them. */
  readonly deriverIn: (context: TaskContext) => RowDeriver;
  /** Of the deriver. */
  readonly stores?: readonly (string | StoreBuilder)[] | undefined;
  readonly options: NamedOptions & MaterializedOptions<unknown, unknown>;
  /** Of the derived values; undefined: only known when the options give it. */
  readonly value: Serde<unknown> | undefined;
  /** A change from nothing to nothing is not worth a record, where old values tell: asks for them if the table it is derived from has them anyway. */
  readonly skipsNothingToNothing: boolean;
  /** Options without a store name take the number that a store would have. */
  readonly takesStoreNumber: boolean;
}

/** Computes rows from rows; with a store it keeps them, without one they are computed anew for every reader. */
class DerivedTableNode extends TableProcessorNode {
  readonly #supplier: DerivedTable;
  #deriver!: RowDeriver;
  #rows: TableRows | undefined;

  constructor(supplier: DerivedTable) {
    super();
    this.#supplier = supplier;
  }

  override init(context: TaskContext): void {
    super.init(context);
    this.#deriver = this.#supplier.deriverIn(context);
    const name = this.#supplier.store?.name;
    if (name === undefined) return;
    this.#rows = new TableRows(context, name, this.#supplier.sendOldValues, (key, newRow, oldRow, timestamp) =>
      this.forwardChange(key, newRow, oldRow, timestamp, true),
    );
  }

  override processChange(
    key: unknown,
    newValue: unknown,
    oldValue: unknown,
    timestamp: number,
    isLatest: boolean,
  ): void {
    const { derive } = this.#deriver;
    const { sendOldValues } = this.#supplier;
    const skipsNothingToNothing = this.#supplier.skipsNothingToNothing && !this.#supplier.isParentVersioned;
    const newRow = derive(newValue, key);
    const rows = this.#rows;
    let oldRow: unknown = null;
    if (sendOldValues) oldRow = rows === undefined ? derive(oldValue, key) : rows.get(key);
    if (sendOldValues && skipsNothingToNothing && oldRow === null && newRow === null) return;
    if (rows === undefined) this.forwardChange(key, newRow, oldRow, timestamp, isLatest);
    else if (rows.put(key, newRow, timestamp)) this.forwardChange(key, newRow, oldRow, timestamp, rows.isLatest);
  }

  override close(): void {
    this.#deriver.close?.();
  }
}

/** A table whose rows follow from the rows of another. */
class DerivedTable implements TableSupplier {
  readonly deriverIn: DerivedTableOptions['deriverIn'];
  readonly skipsNothingToNothing: boolean;
  readonly store: StoreBuilder | undefined;
  sendOldValues = false;
  readonly #parent: TableSupplier;
  readonly #hasOwnOptions: boolean;
  readonly #stores: readonly string[];

  constructor(
    parent: TableSupplier,
    store: StoreBuilder | undefined,
    { deriverIn, skipsNothingToNothing, options, stores = [] }: DerivedTableOptions,
  ) {
    this.#parent = parent;
    this.#hasOwnOptions = asksForStore(options);
    this.store = store;
    this.deriverIn = deriverIn;
    this.#stores = stores.map((given) => (typeof given === 'string' ? given : given.name));
    this.skipsNothingToNothing = skipsNothingToNothing;
    if (this.skipsNothingToNothing) this.sendOldValues = parent.enableSendingOldValues(false);
  }

  /** That of the table it is derived from, unless it was said how it is kept itself. */
  get historyMs(): number | undefined {
    return this.#hasOwnOptions ? this.store?.historyMs : this.#parent.historyMs;
  }

  /** Its changes may come late; then nothing after nothing may still be news to who looks at times. */
  get isParentVersioned(): boolean {
    return this.#parent.historyMs !== undefined;
  }

  create(): ProcessorNode {
    return new DerivedTableNode(this);
  }

  view(): TableView {
    if (this.store !== undefined) return keyValueView(this.store.name, this.store.historyMs !== undefined);
    const parent = this.#parent.view();
    const { deriverIn } = this;
    return {
      storeNames: [...parent.storeNames, ...this.#stores],
      getter: () => derivedGetter(parent.getter(), deriverIn),
    };
  }

  enableSendingOldValues(force: boolean): boolean {
    if (this.store !== undefined || this.#parent.enableSendingOldValues(force)) this.sendOldValues = true;
    return this.sendOldValues;
  }
}

class DerivedGetter implements TableGetter {
  protected readonly parent: TableGetter;
  protected derive!: Derivation;
  readonly #deriverIn: DerivedTableOptions['deriverIn'];

  constructor(parent: TableGetter, deriverIn: DerivedTableOptions['deriverIn']) {
    this.parent = parent;
    this.#deriverIn = deriverIn;
  }

  get foundTimestamp(): number {
    return this.parent.foundTimestamp;
  }

  init(context: TaskContext): void {
    this.parent.init(context);
    ({ derive: this.derive } = this.#deriverIn(context));
  }

  get(key: unknown): unknown {
    return this.derive(this.parent.get(key), key);
  }
}

class VersionedDerivedGetter extends DerivedGetter {
  getAsOf(key: unknown, timestamp: number): unknown {
    return this.derive(this.parent.getAsOf?.(key, timestamp) ?? null, key);
  }
}

function derivedGetter(parent: TableGetter, deriverIn: DerivedTableOptions['deriverIn']): TableGetter {
  const Getter = parent.getAsOf === undefined ? DerivedGetter : VersionedDerivedGetter;
  return new Getter(parent, deriverIn);
}

/** Attaches a derived table. It has a store only under a name of its own. */
export function deriveTable(table: TableHandle, derived: DerivedTableOptions): TableHandle {
  const { graph, sources } = table;
  const { options, prefix } = derived;
  const { storeName } = options;
  if (storeName === undefined && derived.takesStoreNumber && asksForStore(options)) graph.newStoreName(prefix);
  const key = options.key ?? table.key;
  const value = options.value ?? derived.value;
  const name = graph.nameOr(options.name, prefix);
  const builder =
    storeName === undefined
      ? undefined
      : tableStore(
          {
            name: storeName,
            key: requireSerde(key, 'key', `store ${storeName}`),
            value: requireSerde(value, 'value', `store ${storeName}`),
          },
          options,
        );
  const supplier = new DerivedTable(table.supplier, builder, derived);
  const node = new ProcessorGraphNode(name, {
    create: () => supplier.create(),
    connectedStores: derived.stores,
    ownStore: () => builder,
  });
  graph.add(node, table.node);
  return { graph, name, node, key, value, sources, queryableName: storeName, supplier };
}
