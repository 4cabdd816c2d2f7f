import { RecordCursor } from '../../src/index.ts';

/** A record as an object, for comparing. */
export interface PlainRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [key: string, value: string | null])[];
}

/** Every record of every batch in a buffer. */
export function recordsOf(buffer: Buffer, encoding: BufferEncoding = 'utf8'): PlainRecord[] {
  const cursor = new RecordCursor().reset(buffer);
  const records: PlainRecord[] = [];
  const text = (start: number, end: number): string | null =>
    start < 0 ? null : cursor.bytes.toString(encoding, start, end);
  while (cursor.nextBatch()) {
    while (cursor.next()) {
      const headers: [string, string | null][] = [];
      while (cursor.nextHeader()) {
        headers.push([
          text(cursor.headerKeyStart, cursor.headerKeyEnd) ?? '',
          text(cursor.headerValueStart, cursor.headerValueEnd),
        ]);
      }
      const key = text(cursor.keyStart, cursor.keyEnd);
      const value = text(cursor.valueStart, cursor.valueEnd);
      records.push({ offset: cursor.offset, timestamp: cursor.timestamp, key, value, headers });
    }
  }
  return records;
}
