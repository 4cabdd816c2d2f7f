import { SerdeError } from '../errors.ts';
import { Scratch } from '../internal/scratch.ts';
import type { Codec, Serde } from './serde.ts';
import { encode } from './serde.ts';

/** A change of a table's row as it travels through a repartition topic: at least one of the two is there. */
export class Change<V> {
  newValue: V | null;
  oldValue: V | null;
  isLatest: boolean;

  constructor(newValue: V | null, oldValue: V | null, isLatest = true) {
    this.newValue = newValue;
    this.oldValue = oldValue;
    this.isLatest = isLatest;
  }
}

/** The last byte says what the others are. 3 to 5 are as 0 to 2 with one more byte in front, `isLatest`; Kafka Streams reads them but writes only 0 to 2. */
const OLD_ONLY = 0;
const NEW_ONLY = 1;
const BOTH = 2;
const WITH_IS_LATEST = 3;
const MAX_VARINT_BYTES = 5;

/** Changes as Kafka Streams writes them into the repartition topic of a grouped table: old ‖ 00, new ‖ 01, or zig-zag varint(length of new) ‖ new ‖ old ‖ 02. */
export function changeSerde<V>(value: Serde<V>): Serde<Change<V>> {
  return { open: (context) => changeCodec(value.open(context)) };
}

function changeCodec<V>(inner: Codec<V>): Codec<Change<V>> {
  const scratch = new Scratch();
  const serializeReusing = ({ newValue, oldValue }: Change<V>): Buffer => {
    if (newValue !== null && oldValue !== null) return writeBoth(scratch, inner, newValue, oldValue);
    const value = newValue ?? oldValue;
    if (value === null)
      throw new SerdeError('a change has neither a new nor an old value; allowed: one of them or both');
    const bytes = encode(inner, value);
    const { length } = bytes;
    const all = scratch.reserve(length + 1);
    all.set(bytes);
    all[length] = newValue === null ? OLD_ONLY : NEW_ONLY;
    return scratch.view(length + 1);
  };
  return {
    serialize: (change) => Buffer.from(serializeReusing(change)),
    serializeReusing,
    deserialize: (bytes) => readChange(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), inner),
    ...(inner.ready === undefined ? {} : { ready: inner.ready }),
  };
}

function writeBoth<V>(scratch: Scratch, inner: Codec<V>, newValue: V, oldValue: V): Buffer {
  // Each value's bytes last until the codec's next call, so the new one is put away first.
  const newBytes = encode(inner, newValue);
  const newLength = newBytes.length;
  let all = scratch.reserve(MAX_VARINT_BYTES + newLength);
  const newStart = writeVarint(all, newLength);
  all.set(newBytes, newStart);
  const oldBytes = encode(inner, oldValue);
  const end = newStart + newLength + oldBytes.length;
  const grown = scratch.reserve(end + 1);
  if (grown !== all) {
    grown.set(all.subarray(0, newStart + newLength));
    all = grown;
  }
  all.set(oldBytes, newStart + newLength);
  all[end] = BOTH;
  return scratch.view(end + 1);
}

function readChange<V>(buffer: Buffer, inner: Codec<V>): Change<V> {
  const last = buffer.length - 1;
  const flag = buffer[last] ?? -1;
  const hasIsLatest = flag >= WITH_IS_LATEST;
  const kind = hasIsLatest ? flag - WITH_IS_LATEST : flag;
  const end = hasIsLatest ? last - 1 : last;
  if (kind < OLD_ONLY || kind > BOTH || end < 0) {
    throw new SerdeError(`a change ends with byte ${flag} of ${buffer.length}; allowed: 0 to 5 behind a value`);
  }
  const isLatest = !hasIsLatest || buffer[end] === 1;
  if (kind === OLD_ONLY) return new Change<V>(null, inner.deserialize(buffer.subarray(0, end)), isLatest);
  if (kind === NEW_ONLY) return new Change<V>(inner.deserialize(buffer.subarray(0, end)), null, isLatest);
  const { value: newLength, at } = readVarint(buffer);
  if (newLength < 0 || at + newLength > end) {
    throw new SerdeError(`a change of ${buffer.length} bytes says that its new value has ${newLength}`);
  }
  const newValue = inner.deserialize(buffer.subarray(at, at + newLength));
  return new Change<V>(newValue, inner.deserialize(buffer.subarray(at + newLength, end)), isLatest);
}

/** Zig-zag, as Kafka's records have it. Gives the number of bytes. */
function writeVarint(buffer: Buffer, value: number): number {
  let rest = (value << 1) >>> 0;
  let at = 0;
  while (rest > 0x7f) {
    buffer[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  buffer[at++] = rest;
  return at;
}

function readVarint(buffer: Buffer): { value: number; at: number } {
  let raw = 0;
  for (let at = 0; at < MAX_VARINT_BYTES; at++) {
    const byte = buffer[at] ?? 0;
    raw |= (byte & 0x7f) << (7 * at);
    if (byte < 0x80) return { value: (raw >>> 1) ^ -(raw & 1), at: at + 1 };
  }
  throw new SerdeError('the length in front of a change has more than 5 bytes');
}
