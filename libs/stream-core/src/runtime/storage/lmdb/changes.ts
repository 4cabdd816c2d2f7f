import { Scratch } from '../../../internal/scratch.ts';
import type { LmdbTable } from './lmdb-table.ts';

/** About what a change takes in memory beside its bytes. */
const CHANGE_OVERHEAD_BYTES = 100;
/** Keys and rows lie in pieces of memory of this size (a longer row in one of its own): a change allocates no buffer. */
const CHUNK_BYTES = 64 * 1024;

/** A change that is not committed. */
export class Change {
  readonly table: LmdbTable;
  readonly layer: number;
  /** What waits for it to be committed. */
  readonly owner: ChangeOwner | undefined;
  readonly keyBytes: Buffer;
  readonly keyStart: number;
  /** −1: the table is cleared. */
  readonly keyLength: number;
  /** It changes nothing. */
  isDropped = false;
  rowBytes: Buffer;
  rowStart = 0;
  /** How long a row may be that is written in its place. */
  rowCapacity = 0;
  /** −1: the row is removed. */
  rowLength = -1;

  constructor(
    table: LmdbTable,
    layer: number,
    owner: ChangeOwner | undefined,
    keyBytes: Buffer,
    keyStart: number,
    keyLength: number,
  ) {
    this.table = table;
    this.layer = layer;
    this.owner = owner;
    this.keyBytes = keyBytes;
    this.keyStart = keyStart;
    this.keyLength = keyLength;
    this.rowBytes = keyBytes;
  }

  /** A view of the row; null: it is removed. */
  get row(): Buffer | null {
    const { rowStart, rowLength } = this;
    return rowLength < 0 ? null : this.rowBytes.subarray(rowStart, rowStart + rowLength);
  }
}

/** Told when its change is on disk. */
export interface ChangeOwner {
  committed(change: Change): void;
}

const NO_BYTES = Buffer.alloc(0);

/** The changes of a store since the last commit, in two layers: the sealed one is written by the next commit, the current one by the commit after it. */
export class Changes {
  /** What they take in memory, with what rows that grew have left behind in their pieces. */
  bytes = 0;
  #sealed: Change[] = [];
  #sealedBytes = 0;
  #current: Change[] = [];
  #layer = 0;
  #chunk: Buffer = NO_BYTES;
  #used = 0;
  readonly #key = new Scratch();

  /** A change of the row under `prefix` ‖ `key`, which removes it unless `writeRow` follows. */
  add(table: LmdbTable, prefix: Uint8Array, key: Uint8Array, owner?: ChangeOwner): Change {
    const keyLength = prefix.length + key.length;
    const start = this.#reserve(keyLength);
    const change = new Change(table, this.#layer, owner, this.#chunk, start, keyLength);
    copy(prefix, this.#chunk, start);
    copy(key, this.#chunk, start + prefix.length);
    this.#current.push(change);
    this.bytes += keyLength + CHANGE_OVERHEAD_BYTES;
    return change;
  }

  /** A change of the same row as `change`, which is sealed. It removes the row unless `writeRow` follows. */
  addAgain({ table, keyBytes, keyStart, keyLength }: Change, owner?: ChangeOwner): Change {
    const change = new Change(table, this.#layer, owner, keyBytes, keyStart, keyLength);
    this.#current.push(change);
    this.bytes += keyLength + CHANGE_OVERHEAD_BYTES;
    return change;
  }

  /** All rows of a table go, those that were added before too. */
  clear(table: LmdbTable): void {
    this.#current.push(new Change(table, this.#layer, undefined, NO_BYTES, 0, -1));
  }

  /** It was added after the last `seal`, so that its row may be another one yet. */
  isCurrent(change: Change): boolean {
    return change.layer === this.#layer;
  }

  /**
   * Gives a current change a row of this length: its `rowBytes` are to be written from `rowStart` on. A row that outgrows its place gets one of twice the size at least, so that one
   * that grows with every record leaves less behind than it has.
   */
  writeRow(change: Change, length: number): void {
    if (length > change.rowCapacity) {
      const capacity = Math.max(length, change.rowCapacity * 2);
      change.rowStart = this.#reserve(capacity);
      change.rowBytes = this.#chunk;
      change.rowCapacity = capacity;
      this.bytes += capacity;
    }
    change.rowLength = length;
  }

  /** A current change removes its row, whose place stays its own. */
  removeRow(change: Change): void {
    change.rowLength = -1;
  }

  /** A current change of a row that is not on disk, nor in a sealed change, is taken back. */
  drop(change: Change): void {
    change.isDropped = true;
  }

  seal(): void {
    this.#sealed = this.#sealed.length === 0 ? this.#current : [...this.#sealed, ...this.#current];
    this.#current = [];
    this.#sealedBytes = this.bytes;
    this.#layer++;
  }

  /** Inside a transaction. */
  write(): void {
    for (const change of this.#sealed) {
      const { table, keyLength, isDropped } = change;
      if (isDropped) continue;
      if (keyLength < 0) {
        table.clear();
        continue;
      }
      const key = this.#keyOf(change);
      const { row } = change;
      if (row === null) table.remove(key);
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
    this.#chunk = NO_BYTES;
    this.#used = 0;
  }

  /** Where so many bytes of the current chunk are free. */
  #reserve(length: number): number {
    if (this.#chunk.length - this.#used < length) {
      this.#chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, length));
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += length;
    return start;
  }

  /** Valid until the next one. */
  #keyOf({ keyBytes, keyStart, keyLength }: Change): Buffer {
    const bytes = this.#key.reserve(keyLength);
    for (let i = 0; i < keyLength; i++) bytes[i] = keyBytes[keyStart + i] as number;
    return this.#key.view(keyLength);
  }
}

/** Up to here a loop is faster than the call into the runtime. */
const MAX_LOOP_BYTES = 32;

/** Copies all of `from` into `to`. */
export function copy(from: Uint8Array, to: Buffer, start: number): void {
  const { length } = from;
  if (length > MAX_LOOP_BYTES) to.set(from, start);
  else for (let i = 0; i < length; i++) to[start + i] = from[i] as number;
}
