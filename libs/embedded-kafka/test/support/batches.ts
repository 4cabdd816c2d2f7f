import { RecordBatchWriter, RecordCursor, type SealOptions } from '@playhead/kafka-protocol';

/** A record of a test: value alone, or key and value; times count up from `baseTimestampMs`. */
export interface TestRecord {
  readonly key?: string | null;
  readonly value: string | null;
  readonly timestampMs?: number;
}

/** One record batch, as a producer would send it. */
export function makeBatch(
  records: readonly (string | TestRecord)[],
  options: SealOptions & { readonly timestampMs?: number } = {},
): Buffer {
  const { timestampMs = 1_000, ...seal } = options;
  const writer = new RecordBatchWriter();
  for (const [i, record] of records.entries()) {
    const {
      key = null,
      value,
      timestampMs: own = timestampMs + i,
    } = typeof record === 'string' ? { value: record } : record;
    writer.append(own, key, value);
  }
  return Buffer.from(writer.seal(seal));
}

/** The values in a fetched record set, with their offsets, as `offset:value`. */
export function readValues(records: Buffer | null): string[] {
  const found: string[] = [];
  const cursor = new RecordCursor().reset(records ?? Buffer.alloc(0));
  while (cursor.nextBatch()) {
    while (cursor.next()) {
      const value = cursor.valueStart < 0 ? 'null' : cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd);
      found.push(`${cursor.offset}:${value}`);
    }
  }
  return found;
}
