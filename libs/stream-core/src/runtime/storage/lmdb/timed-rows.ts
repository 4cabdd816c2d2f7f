import type { MapKey } from '../../../state/store-keys.ts';
import type { Change, ChangeOwner } from './changes.ts';
import type { Cached } from './read-cache.ts';

/** Rows that have expired are cut off once there are this many of them and they are the greater part. */
const MIN_CUT = 16;
/** About what a row, and a key with rows, take in memory beside their bytes. */
const ROW_OVERHEAD_BYTES = 150;
const KEY_OVERHEAD_BYTES = 300;

/** A row in memory of one key: a session, a record of a join, a version. */
export class TimedRow<K, V> implements ChangeOwner {
  readonly rows: KeyRows<K, V>;
  readonly timeMs: number;
  /** Tells rows of one key and time apart. */
  readonly tie: number;
  /** Number of the segment that it lies in. */
  segment: number;
  value: V | null = null;
  /** It was restored and nobody has asked for it: its value is in its change, as bytes. */
  isEncoded = false;
  /** Not on disk, and in no sealed change. */
  isNew = false;
  /** Deleted, and not yet so on disk. */
  isRemoved = false;
  /** The last change that is not committed. */
  change: Change | undefined;
  bytes = 0;

  constructor(rows: KeyRows<K, V>, timeMs: number, tie: number, segment: number) {
    this.rows = rows;
    this.timeMs = timeMs;
    this.tie = tie;
    this.segment = segment;
  }

  committed(change: Change): void {
    if (this.change !== change) return;
    this.change = undefined;
    this.isNew = false;
    this.rows.committed(this);
  }
}

/** Told about the rows of a key. */
export interface KeyRowsOwner<K, V> {
  /** None of them has a change any more. */
  settled(rows: KeyRows<K, V>): void;
  /** They are on disk only from now on. */
  evict(rows: KeyRows<K, V>): void;
}

/** What is in memory of a key's rows: those that are not committed, and all from a time on once somebody has asked for them. By time, then by what tells those of one time apart. */
export class KeyRows<K, V> implements Cached {
  readonly mapKey: MapKey;
  readonly key: K;
  /** Every row at this time or later is here. */
  completeFromMs: number;
  /** Some rows may be in bytes only while they are not committed. */
  hasEncoded = false;
  bytes = 0;
  used = false;
  queued = false;
  next: Cached | undefined;
  readonly #owner: KeyRowsOwner<K, V>;
  #rows: TimedRow<K, V>[] = [];
  #rowBytes = 0;
  #changed = 0;

  constructor(owner: KeyRowsOwner<K, V>, mapKey: MapKey, key: K, completeFromMs: number) {
    this.#owner = owner;
    this.mapKey = mapKey;
    this.key = key;
    this.completeFromMs = completeFromMs;
  }

  get isEvictable(): boolean {
    return this.#changed === 0;
  }

  get length(): number {
    return this.#rows.length;
  }

  /** About what it takes in memory now. */
  get sizeInBytes(): number {
    return KEY_OVERHEAD_BYTES + this.#rows.length * ROW_OVERHEAD_BYTES + this.#rowBytes;
  }

  evict(): void {
    this.#owner.evict(this);
  }

  /** Removed ones included. */
  rowAt(index: number): TimedRow<K, V> {
    return this.#rows[index] as TimedRow<K, V>;
  }

  all(): Iterable<TimedRow<K, V>> {
    return this.#rows;
  }

  /** Index of the first row at this time or later. */
  firstAt(timeMs: number): number {
    const rows = this.#rows;
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((rows[middle] as TimedRow<K, V>).timeMs < timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  find(timeMs: number, tie: number): TimedRow<K, V> | undefined {
    const rows = this.#rows;
    for (let at = this.firstAt(timeMs); at < rows.length; at++) {
      const row = rows[at] as TimedRow<K, V>;
      if (row.timeMs !== timeMs || row.tie > tie) return undefined;
      if (row.tie === tie) return row;
    }
    return undefined;
  }

  /** One that is not there. They come nearly in order, so its place is looked for from the end. */
  add(row: TimedRow<K, V>): void {
    const rows = this.#rows;
    let at = rows.length;
    while (at > 0 && isAfter(rows[at - 1] as TimedRow<K, V>, row)) at--;
    if (at === rows.length) rows.push(row);
    else rows.splice(at, 0, row);
  }

  delete(row: TimedRow<K, V>): void {
    const at = this.#rows.indexOf(row, this.firstAt(row.timeMs));
    if (at < 0) return;
    this.#rows.splice(at, 1);
    this.#rowBytes -= row.bytes;
  }

  resized(row: TimedRow<K, V>, bytes: number): void {
    this.#rowBytes += bytes - row.bytes;
    row.bytes = bytes;
  }

  /** A row has a change now that had none. */
  changed(): void {
    this.#changed++;
  }

  /** A row that nobody has stored is gone, and its change with it. */
  takenBack(row: TimedRow<K, V>): void {
    row.change = undefined;
    this.#changed--;
    this.delete(row);
  }

  /** A row's present place is removed; where it will be it has no change yet. */
  moved(row: TimedRow<K, V>, segment: number): void {
    if (row.change !== undefined) this.#changed--;
    row.change = undefined;
    row.isNew = false;
    row.segment = segment;
  }

  committed(row: TimedRow<K, V>): void {
    this.#changed--;
    if (row.isRemoved) this.delete(row);
    if (this.#changed === 0) this.#owner.settled(this);
  }

  /** Forgets rows at this time and before: nobody sees them any more. */
  dropUpTo(timeMs: number): void {
    const rows = this.#rows;
    if (rows.length === 0 || (rows[0] as TimedRow<K, V>).timeMs > timeMs) return;
    const count = this.firstAt(timeMs + 1);
    if (count < rows.length && (count < MIN_CUT || count * 2 < rows.length)) return;
    for (let at = 0; at < count; at++) this.#rowBytes -= (rows[at] as TimedRow<K, V>).bytes;
    this.#rows = rows.slice(count);
  }
}

const isAfter = (a: TimedRow<unknown, unknown>, b: TimedRow<unknown, unknown>): boolean =>
  a.timeMs > b.timeMs || (a.timeMs === b.timeMs && a.tie > b.tie);
