import { readInt64, writeInt64 } from '../../../internal/int64.ts';
import { Scratch } from '../../../internal/scratch.ts';
import { encode, type Codec } from '../../../serde/serde.ts';
import { copy, type Change, type Changes } from './changes.ts';

const TIME_BYTES = 8;
/** Before a value: 1, or 0 where there is none. */
const MARK_BYTES = 1;

/** How rows that have a time lie on disk: key ‖ time(8) ‖ tie → mark(1) ‖ value. */
export class TimedRowForm<K, V> {
  /** Bytes after the key. */
  readonly suffixBytes: number;
  readonly #key: Codec<K>;
  readonly #value: Codec<V>;
  readonly #tieBytes: 0 | 4 | 8;
  readonly #suffix: Buffer;
  readonly #from = new Scratch();
  readonly #to = new Scratch();

  /** `tieBytes`: length of what tells rows of one key and time apart. */
  constructor(key: Codec<K>, value: Codec<V>, tieBytes: 0 | 4 | 8) {
    this.#key = key;
    this.#value = value;
    this.#tieBytes = tieBytes;
    this.suffixBytes = TIME_BYTES + tieBytes;
    this.#suffix = Buffer.alloc(this.suffixBytes);
  }

  /** Time and tie; written over by the next call. */
  suffix(timeMs: number, tie: number): Buffer {
    writeInt64(this.#suffix, 0, timeMs);
    if (this.#tieBytes === 8) writeInt64(this.#suffix, TIME_BYTES, tie);
    else if (this.#tieBytes === 4) this.#suffix.writeInt32BE(tie, TIME_BYTES);
    return this.#suffix;
  }

  key(key: K, timeMs: number, tie: number): Buffer {
    return Buffer.concat([encode(this.#key, key), this.suffix(timeMs, tie)]);
  }

  /** Bounds of the key's rows between these times (inclusive), valid until the next call. Rows between them whose keys have another length are of other keys. */
  between(key: K, fromMs: number, toMs: number): { readonly from: Buffer; readonly to: Buffer } {
    const keyBytes = encode(this.#key, key);
    const { length } = keyBytes;
    const from = this.#from.begin(keyBytes, this.suffixBytes);
    writeInt64(from, length, fromMs);
    from.fill(0, length + TIME_BYTES, length + this.suffixBytes);
    const to = this.#to.begin(keyBytes, this.suffixBytes);
    writeInt64(to, length, toMs);
    to.fill(0xff, length + TIME_BYTES, length + this.suffixBytes);
    return { from: this.#from.view(length + this.suffixBytes), to: this.#to.view(length + this.suffixBytes) };
  }

  timeIn(rowKey: Buffer): number {
    return readInt64(rowKey, rowKey.length - this.suffixBytes);
  }

  tieIn(rowKey: Buffer): number {
    if (this.#tieBytes === 8) return readInt64(rowKey, rowKey.length - 8);
    return this.#tieBytes === 4 ? rowKey.readInt32BE(rowKey.length - 4) : 0;
  }

  /** Null: the row says that there is no value. Throws as the codec. */
  valueIn(row: Buffer): V | null {
    return row[0] === 0 ? null : this.#value.deserialize(row.subarray(MARK_BYTES));
  }

  /** Writes a change's row and gives its length. */
  write(changes: Changes, change: Change, bytes: Uint8Array | null): number {
    const length = MARK_BYTES + (bytes?.length ?? 0);
    changes.writeRow(change, length);
    change.rowBytes[change.rowStart] = bytes === null ? 0 : 1;
    if (bytes !== null) copy(bytes, change.rowBytes, change.rowStart + MARK_BYTES);
    return length;
  }
}
