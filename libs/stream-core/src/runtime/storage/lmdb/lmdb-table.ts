import { createHash } from 'node:crypto';
import type { Database } from 'lmdb';
import { StreamsError } from '../../../errors.ts';

/** LMDB's own limit, with the page size of 4 KiB. */
export const MAX_ROW_KEY_BYTES = 1_978;
/** Rows that a scan reads at first and at most at a time: no cursor is left open while its caller works, who may need one or two of them. */
const FIRST_SCAN_ROWS = 16;
const SCAN_ROWS = 256;
const LENGTH_BYTES = 4;

/** The part of lmdb-js that a table needs: keys and values are bytes. */
export type ByteDatabase = Database<Buffer, Uint8Array>;

/** The part of lmdb-js's statistics that a table needs. */
interface TableStats {
  readonly entryCount: number;
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

/** A row of a scan; its bytes may be kept. */
export interface Row {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Bounds of a scan, both inclusive, and its direction. */
export interface Scan {
  readonly from?: Uint8Array | undefined;
  readonly to?: Uint8Array | undefined;
  readonly reverse?: boolean | undefined;
}

/**
 * An ordered map of bytes in one LMDB database. LMDB takes no empty keys and none above 1,978 bytes: those rows lie in a database beside it under their hash, with the whole key in the row,
 * and their keys are kept in memory, so that scans have them in their place. Reads throw `StreamsError` (STREAMS_STATE_STORE) after `close`, and so does a scan under way when it needs more rows.
 */
export class LmdbTable {
  readonly name: string;
  readonly #main: ByteDatabase;
  readonly #odd: ByteDatabase;
  /** By their bytes as latin1. Empty for nearly every table. */
  readonly #oddKeys = new Map<string, Buffer>();
  #isClosed = false;

  /** `odd` may be shared by tables of different names. */
  constructor(name: string, main: ByteDatabase, odd: ByteDatabase) {
    this.name = name;
    this.#main = main;
    this.#odd = odd;
    const prefix = this.#oddPrefix();
    for (const { value } of odd.getRange({ start: prefix, end: successor(prefix) })) {
      const { key } = readOddRow(value);
      this.#oddKeys.set(key.toString('latin1'), key);
    }
  }

  /** Committed rows, those under odd keys included. */
  get size(): number {
    this.#refuseClosed();
    const { entryCount } = this.#main.getStats() as TableStats;
    return entryCount + this.#oddKeys.size;
  }

  /** Of the pages that rows are in; rows under odd keys are elsewhere. */
  get bytesOnDisk(): number {
    this.#refuseClosed();
    const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = this.#main.getStats() as TableStats;
    return pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages);
  }

  /** The row as of the last commit; valid until the next read of any environment. */
  get(key: Uint8Array): Buffer | undefined {
    this.#refuseClosed();
    if (!isOdd(key)) {
      // It is a view of a greater buffer, whose length alone says how much of it.
      const found = this.#main.getBinaryFast(key);
      return found?.subarray(0, found.length);
    }
    const row = this.#odd.getBinary(this.#oddKey(key));
    return row === undefined ? undefined : readOddRow(row).value;
  }

  /** Inside a transaction. The value's bytes must stay as they are until that is committed. */
  put(key: Uint8Array, value: Uint8Array): void {
    if (!isOdd(key)) {
      void this.#main.put(key, value as Buffer);
      return;
    }
    const whole = Buffer.from(key);
    this.#oddKeys.set(whole.toString('latin1'), whole);
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(key.length);
    void this.#odd.put(this.#oddKey(key), Buffer.concat([length, whole, value]));
  }

  /** Inside a transaction. */
  remove(key: Uint8Array): void {
    if (!isOdd(key)) {
      void this.#main.remove(key);
      return;
    }
    this.#oddKeys.delete(Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1'));
    void this.#odd.remove(this.#oddKey(key));
  }

  /** Inside a transaction: removes all rows, at a cost by their pages. */
  clear(): void {
    void this.#main.clearAsync();
    for (const key of this.#oddKeys.values()) void this.#odd.remove(this.#oddKey(key));
    this.#oddKeys.clear();
  }

  /** Committed rows by the byte order of their keys. A commit during the scan may show in what comes after it. */
  *scan(range: Scan = {}): Generator<Row> {
    if (this.#oddKeys.size === 0) {
      yield* this.#scanMain(range);
      return;
    }
    const direction = range.reverse === true ? -1 : 1;
    const odd = [...this.#oddKeys.values()]
      .filter((key) => isWithin(key, range))
      .sort((a, b) => direction * Buffer.compare(a, b));
    let next = 0;
    for (const row of this.#scanMain(range)) {
      for (; next < odd.length && direction * Buffer.compare(odd[next] as Buffer, row.key) < 0; next++)
        yield* this.#oddRow(odd[next] as Buffer);
      yield row;
    }
    for (; next < odd.length; next++) yield* this.#oddRow(odd[next] as Buffer);
  }

  /** The first key at or after `from` that is not odd; undefined: there is none. */
  firstKey(from: Buffer): Buffer | undefined {
    this.#refuseClosed();
    for (const key of this.#main.getKeys({ start: from, limit: 1 })) return key as unknown as Buffer;
    return undefined;
  }

  oddKeys(): Iterable<Buffer> {
    return this.#oddKeys.values();
  }

  /** Its environment is about to be closed. */
  close(): void {
    this.#isClosed = true;
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw new StreamsError('STREAMS_STATE_STORE', `table ${this.name} is closed`);
  }

  *#oddRow(key: Buffer): Generator<Row> {
    this.#refuseClosed();
    const row = this.#odd.getBinary(this.#oddKey(key));
    if (row !== undefined) yield { key, value: readOddRow(row).value };
  }

  *#scanMain({ from, to, reverse = false }: Scan): Generator<Row> {
    // What LMDB does not take as a bound is before all of its keys, or is cut: filtered below.
    const low = from === undefined || from.length === 0 ? undefined : Buffer.from(from).subarray(0, MAX_ROW_KEY_BYTES);
    const high = to === undefined ? undefined : Buffer.from(to);
    if (high?.length === 0) return;
    const end = high === undefined ? undefined : high.subarray(0, MAX_ROW_KEY_BYTES);
    let start: Buffer | undefined = reverse ? end : low;
    let exclusiveStart = false;
    for (let limit = FIRST_SCAN_ROWS; ; limit = SCAN_ROWS) {
      this.#refuseClosed();
      const rows = [
        ...this.#main.getRange({
          ...(start === undefined ? {} : { start }),
          ...((reverse ? low : end) === undefined ? {} : { end: (reverse ? low : end) as Buffer }),
          reverse,
          exclusiveStart,
          inclusiveEnd: true,
          limit,
        }),
      ] as unknown as Row[];
      for (const row of rows) {
        if (
          (from === undefined || Buffer.compare(row.key, from) >= 0) &&
          (high === undefined || Buffer.compare(row.key, high) <= 0)
        )
          yield row;
      }
      if (rows.length < limit) return;
      start = (rows[rows.length - 1] as Row).key;
      exclusiveStart = true;
    }
  }

  #oddPrefix(): Buffer {
    return Buffer.from(`${this.name}\0`);
  }

  #oddKey(key: Uint8Array): Buffer {
    return Buffer.concat([this.#oddPrefix(), createHash('sha256').update(key.subarray(0, key.length)).digest()]);
  }
}

const isOdd = ({ length }: Uint8Array): boolean => length === 0 || length > MAX_ROW_KEY_BYTES;

const isWithin = (key: Buffer, { from, to }: Scan): boolean =>
  (from === undefined || Buffer.compare(key, from) >= 0) && (to === undefined || Buffer.compare(key, to) <= 0);

function readOddRow(row: Uint8Array): Row {
  const buffer = Buffer.from(row.buffer, row.byteOffset, row.length);
  const end = LENGTH_BYTES + buffer.readUInt32BE(0);
  return { key: buffer.subarray(LENGTH_BYTES, end), value: buffer.subarray(end) };
}

/** The least bytes of the same length that are greater; all bytes 0xff: none, and the greatest one stays. */
export function successor(prefix: Buffer): Buffer {
  const next = Buffer.from(prefix);
  for (let at = next.length - 1; at >= 0; at--) {
    if (next[at] !== 0xff) {
      next[at] = (next[at] as number) + 1;
      return next;
    }
    next[at] = 0;
  }
  return Buffer.concat([prefix, Buffer.alloc(MAX_ROW_KEY_BYTES - prefix.length, 0xff)]);
}
