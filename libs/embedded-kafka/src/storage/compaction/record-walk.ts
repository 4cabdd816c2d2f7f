import { CorruptBatchError } from '@playhead/kafka-protocol';

/** Where the parts of one record lie: what is needed to keep it as it is, or with another time. */
export class RecordWalk {
  /** The whole record, its length included, is `bytes[start, end)`. */
  start = 0;
  end: number;
  attributesAt = 0;
  timestampDelta = 0;
  /** Where the offset delta starts, and with it the part that does not depend on the batch's base timestamp. */
  afterTimestamp = 0;
  offsetDelta = 0;
  /** −1 for a record without a key. */
  keyStart = -1;
  keyEnd = -1;
  /** False for a tombstone. */
  hasValue = false;
  readonly #bytes: Buffer;
  readonly #baseOffset: number;
  #position: number;
  #unread: number;

  /** Over the uncompressed records of a batch, which start at `start`. */
  constructor(bytes: Buffer, start: number, recordCount: number, baseOffset: number) {
    this.#bytes = bytes;
    this.#baseOffset = baseOffset;
    this.#position = start;
    this.end = start;
    this.#unread = recordCount;
  }

  /** Moves to the next record; false after the last. Throws {@link CorruptBatchError} where lengths contradict each other. */
  next(): boolean {
    if (this.#unread === 0) {
      if (this.end !== this.#bytes.length) throw this.#corrupt('bytes after the last record');
      return false;
    }
    this.#unread--;
    this.start = this.end;
    this.#position = this.start;
    const length = this.#varint();
    this.end = this.#position + length;
    if (length <= 0 || this.end > this.#bytes.length) throw this.#corrupt(`a record of ${length} bytes`);
    this.attributesAt = this.#position++;
    this.timestampDelta = this.#varint();
    this.afterTimestamp = this.#position;
    this.offsetDelta = this.#varint();
    const keyLength = this.#varint();
    this.keyStart = keyLength < 0 ? -1 : this.#position;
    this.keyEnd = keyLength < 0 ? -1 : this.#position + keyLength;
    if (keyLength > 0) this.#position += keyLength;
    if (this.#position >= this.end) throw this.#corrupt(`a key of ${keyLength} bytes`);
    this.hasValue = this.#varint() >= 0;
    return true;
  }

  /** A zigzag varint of any length up to ten bytes; exact for safe integers. */
  #varint(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.#bytes[this.#position++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      factor *= 128;
    }
    throw this.#corrupt('a number that does not end');
  }

  #corrupt(what: string): CorruptBatchError {
    return new CorruptBatchError(`corrupt batch at offset ${this.#baseOffset}: ${what}`, this.#baseOffset);
  }
}
