import type { LmdbTable } from './lmdb-table.ts';

/** About what a change takes in memory beside its bytes. */
const CHANGE_OVERHEAD_BYTES = 100;

/** A change that is not committed. */
export interface Change {
  readonly table: LmdbTable;
  /** Undefined: the table is cleared. */
  readonly key: Uint8Array | undefined;
  /** Null: the row is removed. */
  row: Buffer | null;
  readonly layer: number;
  /** What waits for it to be committed. */
  readonly owner: ChangeOwner | undefined;
}

/** Told when its change is on disk. */
export interface ChangeOwner {
  committed(change: Change): void;
}

/** The changes of a store since the last commit, in two layers: the sealed one is written by the next commit, the current one by the commit after it. */
export class Changes {
  bytes = 0;
  #sealed: Change[] = [];
  #sealedBytes = 0;
  #current: Change[] = [];
  #layer = 0;

  /** `row` is kept: it must not be changed any more but by `replace`. */
  add(table: LmdbTable, key: Uint8Array, row: Buffer | null, owner?: ChangeOwner): Change {
    const change = { table, key, row, layer: this.#layer, owner };
    this.#current.push(change);
    this.bytes += key.length + (row?.length ?? 0) + CHANGE_OVERHEAD_BYTES;
    return change;
  }

  /** All rows of a table go, those that were added before too. */
  clear(table: LmdbTable): void {
    this.#current.push({ table, key: undefined, row: null, layer: this.#layer, owner: undefined });
  }

  /** Puts another row in place of a change's own. False: it is sealed. */
  replace(change: Change, row: Buffer | null): boolean {
    if (change.layer !== this.#layer) return false;
    this.bytes += (row?.length ?? 0) - (change.row?.length ?? 0);
    change.row = row;
    return true;
  }

  /** The current row's memory, when it may be written over and has this length. */
  reusable(change: Change, length: number): Buffer | undefined {
    const { row } = change;
    return change.layer === this.#layer && row?.length === length ? row : undefined;
  }

  /** It was added after the last `seal`. */
  isCurrent(change: Change): boolean {
    return change.layer === this.#layer;
  }

  seal(): void {
    this.#sealed = this.#sealed.length === 0 ? this.#current : [...this.#sealed, ...this.#current];
    this.#current = [];
    this.#sealedBytes = this.bytes;
    this.#layer++;
  }

  /** Inside a transaction. */
  write(): void {
    for (const { table, key, row } of this.#sealed) {
      if (key === undefined) table.clear();
      else if (row === null) table.remove(key);
      else table.put(key, row);
    }
  }

  /** The sealed changes are committed: tells their owners. */
  committed(): void {
    const done = this.#sealed;
    this.#sealed = [];
    this.bytes -= this.#sealedBytes;
    this.#sealedBytes = 0;
    for (const change of done) change.owner?.committed(change);
  }

  /** Those that are not committed, oldest first. */
  *all(): Generator<Change> {
    yield* this.#sealed;
    yield* this.#current;
  }

  forget(): void {
    this.#sealed = [];
    this.#current = [];
    this.bytes = 0;
    this.#sealedBytes = 0;
    this.#layer++;
  }
}
