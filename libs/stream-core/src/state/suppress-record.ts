import { SerdeError } from '../errors.ts';
import { readInt64, writeInt64 } from '../internal/int64.ts';
import type { Header } from '../processor/headers.ts';
import type { RecordOrigin } from '../processor/record-origin.ts';

/** A buffered change in bytes. */
export interface SuppressRecord {
  readonly origin: RecordOrigin;
  /** Before the first buffered change. */
  readonly priorValue: Uint8Array | null;
  /** Before the last one. */
  readonly oldValue: Uint8Array | null;
  readonly newValue: Uint8Array | null;
  readonly bufferTimeMs: number;
}

const NO_VALUE = -1;
/** Stands for the old value where it is the prior one. */
const SAME_AS_PRIOR = -2;

/** As Kafka Streams writes it (version 3): origin (timestamp, offset, topic, partition, headers), prior, old and new value behind their lengths, buffer time. */
export function writeSuppressRecord({ origin, priorValue, oldValue, newValue, bufferTimeMs }: SuppressRecord): Buffer {
  const isSame = sameBytes(priorValue, oldValue);
  const parts: Uint8Array[] = [
    int64(origin.timestamp),
    int64(origin.offset),
    sized(Buffer.from(origin.topic)),
    int32(origin.partition),
    int32(origin.headers.length),
    ...origin.headers.flatMap(({ key, value }) => [sized(Buffer.from(key)), sized(value)]),
    sized(priorValue),
    oldValue !== null && isSame ? int32(SAME_AS_PRIOR) : sized(oldValue),
    sized(newValue),
    int64(bufferTimeMs),
  ];
  return Buffer.concat(parts);
}

/** Throws `SerdeError` for bytes that end too early. */
export function readSuppressRecord(bytes: Uint8Array): SuppressRecord {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return readParts(buffer);
  } catch (cause) {
    throw new SerdeError(`${bytes.length} bytes are no buffered change of version 3`, { cause });
  }
}

function readParts(buffer: Buffer): SuppressRecord {
  let at = 0;
  const nextInt32 = (): number => buffer.readInt32BE((at += 4) - 4);
  const nextInt64 = (): number => readInt64(buffer, (at += 8) - 8);
  const nextBytes = (length: number): Buffer | null => {
    if (length < 0) return null;
    if (at + length > buffer.length) throw new RangeError(`${length} bytes at ${at} of ${buffer.length}`);
    return buffer.subarray(at, (at += length));
  };
  const nextText = (): string => nextBytes(nextInt32())?.toString() ?? '';
  const timestamp = nextInt64();
  const offset = nextInt64();
  const topic = nextText();
  const partition = nextInt32();
  const headers: Header[] = [];
  for (let left = nextInt32(); left > 0; left--) {
    const key = nextText();
    const value = nextBytes(nextInt32());
    headers.push({ key, value: value === null ? null : Buffer.from(value) });
  }
  const priorValue = nextBytes(nextInt32());
  const oldLength = nextInt32();
  const oldValue = oldLength === SAME_AS_PRIOR ? priorValue : nextBytes(oldLength);
  const newValue = nextBytes(nextInt32());
  const origin = { timestamp, offset, topic, partition, headers };
  return { origin, priorValue, oldValue, newValue, bufferTimeMs: nextInt64() };
}

/** What Kafka Streams counts against a buffer's limit of bytes. */
export function sizeOfSuppressRecord(keyLength: number, record: SuppressRecord): number {
  const { origin, priorValue, oldValue, newValue } = record;
  let size = 8 + keyLength + 8 + 8 + origin.topic.length + 4;
  for (const { key, value } of origin.headers) size += key.length + (value?.length ?? 0);
  if (!sameBytes(priorValue, oldValue)) size += oldValue?.length ?? 0;
  return size + (priorValue?.length ?? 0) + (newValue?.length ?? 0);
}

function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return Buffer.compare(a, b) === 0;
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  writeInt64(bytes, 0, value);
  return bytes;
}

function sized(bytes: Uint8Array | null): Buffer {
  return bytes === null ? int32(NO_VALUE) : Buffer.concat([int32(bytes.length), bytes]);
}
