import { SerdeError } from '../errors.ts';
import { readInt64, writeInt64 } from '../internal/int64.ts';
import { Scratch } from '../internal/scratch.ts';
import type { Codec, Serde } from '../serde/serde.ts';
import { encode } from '../serde/serde.ts';

const KEY_PREFIX_BYTES = 9;
const LIST_HEADER_BYTES = 5;
/** The byte with which Kafka's list serde says that entries have a length each. */
const VARIABLE_SIZE = 1;
/** Greater than the ids that registries give, so that few sets of formats have the same number. */
const FORMATS_BASE = 1_000_003;

/** Where records without a partner are filed. */
export interface UnmatchedPlace<K> {
  readonly key: K;
  readonly timestamp: number;
  readonly isLeft: boolean;
}

/** The changelog keys of an outer join's shared store as Kafka Streams writes them: timestamp(8) ‖ side(1, left = 1) ‖ key. */
export class UnmatchedKeys<K> implements Codec<UnmatchedPlace<K>> {
  readonly formatOf?: (bytes: Uint8Array) => number | undefined;
  readonly #key: Codec<K>;
  readonly #scratch = new Scratch();

  constructor(key: Codec<K>) {
    this.#key = key;
    if (key.formatOf !== undefined)
      this.formatOf = (bytes) => key.formatOf?.(bufferOf(bytes).subarray(KEY_PREFIX_BYTES));
  }

  /** As `write`. */
  serialize({ key, timestamp, isLeft }: UnmatchedPlace<K>): Uint8Array {
    return this.write(key, timestamp, isLeft);
  }

  /** Valid until the next call. */
  write(key: K, timestamp: number, isLeft: boolean): Uint8Array {
    const keyBytes = encode(this.#key, key);
    const length = KEY_PREFIX_BYTES + keyBytes.length;
    const bytes = this.#scratch.reserve(length);
    writeInt64(bytes, 0, timestamp);
    bytes[8] = isLeft ? 1 : 0;
    bytes.set(keyBytes, KEY_PREFIX_BYTES);
    return this.#scratch.view(length);
  }

  deserialize(bytes: Uint8Array): UnmatchedPlace<K> {
    const buffer = bufferOf(bytes);
    if (buffer.length < KEY_PREFIX_BYTES) {
      throw new SerdeError(
        `a key of an outer join's store starts with ${KEY_PREFIX_BYTES} bytes, this has ${buffer.length}`,
      );
    }
    const key = this.#key.deserialize(buffer.subarray(KEY_PREFIX_BYTES));
    return { key, timestamp: readInt64(buffer, 0), isLeft: buffer[8] === 1 };
  }
}

/** Values of one side. */
export interface SidedValues {
  readonly isLeft: boolean;
  readonly values: readonly unknown[];
}

/** The changelog values of an outer join's shared store, a list: 01 ‖ count(4) ‖ for each: length(4) ‖ side(1) ‖ value. */
class SidedValuesCodec implements Codec<SidedValues> {
  readonly ready?: Promise<void>;
  readonly formatOf?: (bytes: Uint8Array) => number;
  readonly #left: Codec<unknown>;
  readonly #right: Codec<unknown>;

  constructor(left: Codec<unknown>, right: Codec<unknown>) {
    this.#left = left;
    this.#right = right;
    const loading = [left, right].filter(({ ready }) => ready !== undefined);
    if (loading.length === 0) return;
    this.ready = Promise.all([left.ready, right.ready]).then(() => {});
    if (loading.every(({ formatOf }) => formatOf !== undefined)) this.formatOf = (bytes) => this.#formatsOf(bytes);
  }

  serialize({ isLeft, values }: SidedValues): Uint8Array {
    const codec = isLeft ? this.#left : this.#right;
    const header = Buffer.alloc(LIST_HEADER_BYTES);
    header[0] = VARIABLE_SIZE;
    header.writeInt32BE(values.length, 1);
    const parts: Uint8Array[] = [header];
    for (const value of values) {
      const bytes = encode(codec, value);
      const part = Buffer.alloc(LIST_HEADER_BYTES + bytes.length);
      part.writeInt32BE(bytes.length + 1, 0);
      part[4] = isLeft ? 1 : 0;
      part.set(bytes, LIST_HEADER_BYTES);
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  deserialize(bytes: Uint8Array): SidedValues {
    const { isLeft, codec, values } = this.#parts(bytes);
    return { isLeft, values: values.map((value) => codec.deserialize(value)) };
  }

  /** One number for all formats that occur in the list. */
  #formatsOf(bytes: Uint8Array): number {
    const { isLeft, codec, values } = this.#parts(bytes);
    const formats = new Set(values.map((value) => codec.formatOf?.(value) ?? 0));
    let combined = isLeft ? 1 : 0;
    for (const format of formats) combined = (combined * FORMATS_BASE + format + 1) % Number.MAX_SAFE_INTEGER;
    return combined;
  }

  #parts(bytes: Uint8Array): { isLeft: boolean; codec: Codec<unknown>; values: Buffer[] } {
    const buffer = bufferOf(bytes);
    if (buffer[0] !== VARIABLE_SIZE) {
      throw new SerdeError(`a list in an outer join's store starts with ${VARIABLE_SIZE}, this with ${buffer[0]}`);
    }
    const isLeft = buffer[LIST_HEADER_BYTES + 4] === 1;
    const values: Buffer[] = [];
    for (let at = LIST_HEADER_BYTES, left = buffer.readInt32BE(1); left > 0; left--) {
      const length = buffer.readInt32BE(at);
      values.push(buffer.subarray(at + LIST_HEADER_BYTES, at + 4 + length));
      at += 4 + length;
    }
    return { isLeft, codec: isLeft ? this.#left : this.#right, values };
  }
}

/** Of what is written with one serde for the left and one for the right side. */
export function sidedValuesSerde(left: Serde<unknown>, right: Serde<unknown>): Serde<SidedValues> {
  return { open: (context) => new SidedValuesCodec(left.open(context), right.open(context)) };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
