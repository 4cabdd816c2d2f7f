import { ProcessorNode } from '../../processor/processor-node.ts';
import type { TaskContext } from '../../processor/task-context.ts';
import type { StoreBuilder } from '../../state/store-builder.ts';
import type { TableSupplier, TableView } from '../table-handle.ts';
import { keyValueView } from './store-getter.ts';
import { TableRows } from './table-rows.ts';

/**
 * Turns records into changes of a table: offset order wins, whatever the timestamps say, but in a versioned table. Records without a key are dropped, null is a
 * delete, and a delete of a key that was never there is forwarded too.
 */
class TableSourceNode extends ProcessorNode {
  readonly #storeName: string | undefined;
  readonly #sendOldValues: boolean;
  #rows: TableRows | undefined;

  constructor(storeName: string | undefined, sendOldValues: boolean) {
    super();
    this.#storeName = storeName;
    this.#sendOldValues = sendOldValues;
  }

  override init(context: TaskContext): void {
    super.init(context);
    if (this.#storeName === undefined) return;
    this.#rows = new TableRows(context, this.#storeName, this.#sendOldValues, (key, newValue, oldValue, timestamp) =>
      this.forwardChange(key, newValue, oldValue, timestamp, true),
    );
  }

  override process(key: unknown, value: unknown, timestamp: number): void {
    if (key === null) {
      this.context.drop('null-key');
      return;
    }
    const rows = this.#rows;
    if (rows === undefined) {
      this.forwardChange(key, value, null, timestamp, true);
      return;
    }
    const oldValue = this.#sendOldValues ? rows.get(key) : null;
    if (rows.put(key, value, timestamp)) this.forwardChange(key, value, oldValue, timestamp, rows.isLatest);
  }
}

/** The table of a topic or of a stream. It keeps its values only when it is queryable or when somebody needs to read them. */
export class TableSource implements TableSupplier {
  readonly historyMs: number | undefined;
  readonly #storeName: string;
  readonly #makeBuilder: () => StoreBuilder;
  #builder: StoreBuilder | undefined;
  #isMaterialized: boolean;
  #sendOldValues = false;

  /** `makeBuilder` is called once at most, and only for a table that keeps its values. */
  constructor(storeName: string, makeBuilder: () => StoreBuilder, isQueryable: boolean, historyMs?: number) {
    this.historyMs = historyMs;
    this.#storeName = storeName;
    this.#makeBuilder = makeBuilder;
    this.#isMaterialized = isQueryable;
  }

  /** The store, if there is to be one. */
  get store(): StoreBuilder | undefined {
    if (!this.#isMaterialized) return undefined;
    return (this.#builder ??= this.#makeBuilder());
  }

  create(): ProcessorNode {
    return new TableSourceNode(this.store?.name, this.#sendOldValues);
  }

  view(): TableView {
    this.#isMaterialized = true;
    return keyValueView(this.#storeName, this.historyMs !== undefined);
  }

  enableSendingOldValues(force: boolean): boolean {
    if (!force && !this.#isMaterialized) return false;
    this.#isMaterialized = true;
    this.#sendOldValues = true;
    return true;
  }
}
