import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  readBatchHeader,
  RecordBatchWriter,
  RecordCursor,
  type Compression,
  type RecordHeader,
} from '../../src/index.ts';
import { javaBatch } from '../fixtures/java-bytes.ts';
import { recordsOf } from './records-of.ts';

const COMPRESSIONS: readonly Compression[] = ['none', 'gzip', 'zstd'];

function appendExample(writer: RecordBatchWriter): void {
  const headers: RecordHeader[] = [
    { key: 'trace', value: 'abc' },
    { key: 'empty', value: null },
  ];
  writer.append(1_700_000_000_000, 'key', Buffer.from('value'), headers);
  writer.append(1_699_999_999_000, null, 'no key');
  writer.append(1_700_000_099_999, Buffer.from('tombstone'), null);
}

const seal = { baseOffset: 42, partitionLeaderEpoch: 5, producerId: 9001, producerEpoch: 3, baseSequence: 17 };

describe('a sealed batch', () => {
  test('has the bytes that Apache Kafka writes for the same records', () => {
    const writer = new RecordBatchWriter();
    appendExample(writer);
    const batch = writer.seal({ ...seal, isTransactional: true });
    expect(batch.toString('hex')).toBe(javaBatch('none').toString('hex'));
    expect(writer.sizeInBytes).toBe(batch.length);
    expect([writer.count, writer.baseTimestamp, writer.maxTimestamp]).toEqual([
      3, 1_700_000_000_000, 1_700_000_099_999,
    ]);
  });

  test('can be sealed again with another sequence, and appended to', () => {
    const writer = new RecordBatchWriter();
    writer.append(1, 'a', 'b');
    expect(readBatchHeader(writer.seal({ producerId: 7, producerEpoch: 0, baseSequence: 10 }))).toMatchObject({
      baseSequence: 10,
    });
    writer.append(2, 'c', 'd');
    const again = writer.seal({ producerId: 8, producerEpoch: 1, baseSequence: 0 });
    expect(readBatchHeader(again)).toMatchObject({ producerId: 8, baseSequence: 0, recordCount: 2, lastOffset: 1 });
    expect(recordsOf(again).map((record) => record.key)).toEqual(['a', 'c']);
  });

  test('is a view that the next batch after reset overwrites', () => {
    const writer = new RecordBatchWriter();
    writer.append(1, 'a', 'first');
    const first = writer.seal();
    writer.reset();
    expect([writer.count, writer.baseTimestamp, writer.sizeInBytes]).toEqual([0, -1, 61]);
    writer.append(5, 'a', 'other');
    expect(writer.seal().buffer).toBe(first.buffer);
    expect(recordsOf(first)).toMatchObject([{ timestamp: 5, value: 'other' }]);
  });

  test('is refused while it is empty', () => {
    expect(() => new RecordBatchWriter().seal()).toThrow('an empty batch cannot be sealed');
  });
});

const arbitraryBytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.string({ maxLength: 60, unit: 'binary' }),
  fc.constant(null),
);
const arbitraryRecord = fc.record({
  // Kafka's timestamps are milliseconds and never below -1; deltas between them reach 53 bits here.
  timestamp: fc.oneof(fc.integer({ min: -1, max: 5000 }), fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER - 1 })),
  key: arbitraryBytes,
  value: arbitraryBytes,
  headers: fc.array(fc.record({ key: fc.string({ maxLength: 5, unit: 'binary' }), value: arbitraryBytes }), {
    maxLength: 3,
  }),
});

const text = (value: Uint8Array | string | null): string | null =>
  value === null ? null : Buffer.from(value).toString('latin1');

test.each(COMPRESSIONS)('any records come back from a batch compressed with %s', (compression) => {
  const writer = new RecordBatchWriter(16);
  const cursor = new RecordCursor();
  fc.assert(
    fc.property(fc.array(arbitraryRecord, { minLength: 1, maxLength: 80 }), (records) => {
      writer.reset();
      for (const { timestamp, key, value, headers } of records) writer.append(timestamp, key, value, headers);
      const batch = writer.seal({ compression, baseOffset: 1000 });
      expect(cursor.reset(batch).nextBatch()).toBe(true);
      expect(cursor.crcValid()).toBe(true);
      const expected = records.map(({ timestamp, key, value, headers }, i) => ({
        offset: 1000 + i,
        timestamp,
        key: text(key),
        value: text(value),
        headers: headers.map((header) => [text(header.key), text(header.value)]),
      }));
      expect(recordsOf(batch, 'latin1')).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});
