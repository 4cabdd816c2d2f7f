import { crc32 } from 'node:zlib';

/** A record as it waits in the queue. */
export interface QueuedRecord {
  /** What it is, for whoever put it in. */
  readonly kind: string;
  /** As JSON keeps it. Fields that are null are left out: whoever reads it knows their defaults. */
  readonly value: object;
}

/** A record and where its entry ends. */
export interface ReadEntry {
  readonly record: QueuedRecord;
  readonly end: number;
}

/** An entry is the length of its text (u32), the CRC-32 of that text (u32), and the text: JSON of [kind, value]. */
const HEAD_BYTES = 8;
/** Of the text, `[` and `]`. */
const OPENING = 0x5b;
const CLOSING = 0x5d;

/** Writes an entry. */
export function writeEntry({ kind, value }: QueuedRecord): Buffer {
  // JSON leaves out what is undefined.
  const given: Record<string, unknown> = { ...value };
  for (const name in given) if (given[name] === null) given[name] = undefined;
  const text = JSON.stringify([kind, given]);
  const size = Buffer.byteLength(text);
  const entry = Buffer.allocUnsafe(HEAD_BYTES + size);
  entry.write(text, HEAD_BYTES);
  entry.writeUInt32BE(size, 0);
  entry.writeUInt32BE(crc32(entry.subarray(HEAD_BYTES)), 4);
  return entry;
}

/** Reads the entry at `start`; undefined where there is no whole, undamaged one. */
export function readEntry(bytes: Buffer, start: number): ReadEntry | undefined {
  if (start + HEAD_BYTES > bytes.length) return undefined;
  const size = bytes.readUInt32BE(start);
  const end = start + HEAD_BYTES + size;
  // Zeros, as a file that grew before a power cut ends with, are the length and the CRC-32 of no text.
  if (size === 0 || end > bytes.length) return undefined;
  const text = bytes.subarray(start + HEAD_BYTES, end);
  // Looked at first: whoever tries each byte of a damaged file would else read most of it for each.
  if (text[0] !== OPENING || text[size - 1] !== CLOSING) return undefined;
  if (crc32(text) !== bytes.readUInt32BE(start + 4)) return undefined;
  const [kind, value] = JSON.parse(text.toString()) as [string, object];
  return { record: { kind, value }, end };
}
