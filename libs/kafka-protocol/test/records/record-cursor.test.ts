import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BatchOffset, ControlType, KafkaProtocolError, RecordBatchWriter, RecordCursor } from '../../src/index.ts';
import { javaBatch } from '../fixtures/java-bytes.ts';
import { recordsOf } from './records-of.ts';

const EXAMPLE = [
  {
    offset: 42,
    timestamp: 1_700_000_000_000,
    key: 'key',
    value: 'value',
    headers: [
      ['trace', 'abc'],
      ['empty', null],
    ],
  },
  { offset: 43, timestamp: 1_699_999_999_000, key: null, value: 'no key', headers: [] },
  { offset: 44, timestamp: 1_700_000_099_999, key: 'tombstone', value: null, headers: [] },
];

const corrupt = (message: string): unknown =>
  expect.objectContaining({
    name: 'CorruptBatchError',
    code: 'CORRUPT_BATCH',
    message: expect.stringContaining(message),
  });

/** A batch of `count` records whose values are their numbers. */
function numbered(baseOffset: number, count: number): Buffer {
  const writer = new RecordBatchWriter();
  for (let i = 0; i < count; i++) writer.append(1000 + i, null, `${baseOffset + i}`);
  return writer.seal({ baseOffset });
}

/** A copy of a batch with some bytes changed. */
function changed(batch: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(batch);
  change(copy);
  return copy;
}

describe('batches that Apache Kafka wrote', () => {
  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('are read with compression %s', (name) => {
    const batch = javaBatch(name);
    expect(recordsOf(batch)).toEqual(EXAMPLE);
    const cursor = new RecordCursor().reset(batch);
    expect(cursor.nextBatch()).toBe(true);
    expect(cursor.crcValid()).toBe(true);
    expect(cursor).toMatchObject({
      baseOffset: 42,
      lastOffset: 44,
      partitionLeaderEpoch: 5,
      isTransactional: true,
      isControl: false,
      isLogAppendTime: false,
      producerId: 9001,
      producerEpoch: 3,
      baseSequence: 17,
      recordCount: 3,
      maxTimestamp: 1_700_000_099_999,
      batchEnd: batch.length,
    });
  });

  test('in a codec that does not exist say so, but their headers can be walked', () => {
    const unknown = changed(javaBatch('gzip'), (copy) => copy.writeUInt8(0x15, BatchOffset.ATTRIBUTES + 1));
    const cursor = new RecordCursor().reset(Buffer.concat([unknown, javaBatch('none')]));
    expect(cursor.nextBatch()).toBe(true);
    expect(cursor.lastOffset).toBe(44);
    expect(() => cursor.next()).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_COMPRESSION', codec: '#5' }));
    expect(cursor.nextBatch()).toBe(true);
    expect(cursor.next()).toBe(true);
  });

  test('with LogAppendTime give every record the time of the broker', () => {
    const records = recordsOf(javaBatch('logAppendTime'));
    const stampedAt = Number(javaBatch('logAppendTime').readBigInt64BE(BatchOffset.MAX_TIMESTAMP));
    expect(records.map((record) => record.timestamp)).toEqual([stampedAt, stampedAt, stampedAt]);
  });

  test.each([
    ['commitMarker', ControlType.COMMIT],
    ['abortMarker', ControlType.ABORT],
  ])('as %s are control batches of that type', (name, type) => {
    const cursor = new RecordCursor().reset(javaBatch(name));
    expect(cursor.nextBatch()).toBe(true);
    expect([cursor.isControl, cursor.isTransactional, cursor.baseOffset]).toEqual([true, true, 100]);
    expect(cursor.next()).toBe(true);
    expect(cursor.controlType()).toBe(type);
    expect(cursor.next()).toBe(false);
  });
});

describe('walking', () => {
  test('goes from batch to batch, read to the end or not', () => {
    const cursor = new RecordCursor().reset(Buffer.concat([numbered(0, 5), javaBatch('gzip'), numbered(50, 2)]));
    const bases: number[] = [];
    while (cursor.nextBatch()) {
      bases.push(cursor.baseOffset);
      cursor.next();
    }
    expect(bases).toEqual([0, 42, 50]);
    expect(cursor.nextBatch()).toBe(false);
  });

  test('starts again with another buffer and finds nothing in an empty one', () => {
    const cursor = new RecordCursor().reset(numbered(0, 3));
    cursor.nextBatch();
    cursor.next();
    cursor.reset(Buffer.alloc(0));
    expect([cursor.next(), cursor.nextBatch()]).toEqual([false, false]);
    expect(cursor.reset(numbered(7, 1)).nextBatch()).toBe(true);
    expect(cursor.next()).toBe(true);
    expect(cursor.offset).toBe(7);
  });

  test('does not see a batch that the buffer cuts off, wherever it does', () => {
    const whole = Buffer.concat([numbered(0, 2), numbered(2, 4)]);
    const firstBytes = numbered(0, 2).length;
    for (let length = firstBytes; length < whole.length; length++) {
      expect(recordsOf(whole.subarray(0, length))).toHaveLength(2);
    }
    expect(recordsOf(whole)).toHaveLength(6);
  });

  test('does not fall over a batch that compaction emptied', () => {
    const empty = changed(numbered(10, 1).subarray(0, 61), (copy) => {
      copy.writeInt32BE(61 - 12, BatchOffset.LENGTH);
      copy.writeInt32BE(3, BatchOffset.LAST_OFFSET_DELTA);
      copy.writeInt32BE(0, BatchOffset.RECORD_COUNT);
    });
    const cursor = new RecordCursor().reset(empty);
    expect(cursor.nextBatch()).toBe(true);
    expect([cursor.lastOffset, cursor.next()]).toEqual([13, false]);
  });
});

describe('broken batches', () => {
  test.each([
    ['a length below a header', (b: Buffer) => b.writeInt32BE(48, BatchOffset.LENGTH), 'a header alone has 61'],
    ['a negative length', (b: Buffer) => b.writeInt32BE(-13, BatchOffset.LENGTH), 'a header alone has 61'],
    ['another magic', (b: Buffer) => b.writeInt8(1, BatchOffset.MAGIC), 'magic 1'],
    ['a negative count', (b: Buffer) => b.writeInt32BE(-1, BatchOffset.RECORD_COUNT), '-1 records'],
    ['a negative last offset', (b: Buffer) => b.writeInt32BE(-1, BatchOffset.LAST_OFFSET_DELTA), 'offset delta -1'],
    [
      'a count above its records',
      (b: Buffer) => b.writeInt32BE(9, BatchOffset.RECORD_COUNT),
      'corrupt batch at offset 42',
    ],
    [
      'a count below its records',
      (b: Buffer) => b.writeInt32BE(2, BatchOffset.RECORD_COUNT),
      'bytes after the last record',
    ],
    ['a record longer than the batch', (b: Buffer) => b.writeUInt16BE(0xfe7f, 61), 'record of'],
    ['a record of negative length', (b: Buffer) => b.writeUInt8(1, 61), 'record of -1 bytes'],
    ['a key longer than its record', (b: Buffer) => b.writeUInt8(0x7e, 65), 'key of 63 bytes'],
    ['a value longer than its record', (b: Buffer) => b.writeUInt8(0x7e, 69), 'value of 63 bytes'],
    ['a negative header count', (b: Buffer) => b.writeUInt8(1, 75), '-1 headers'],
  ])('with %s are a CorruptBatchError', (_, change, message) => {
    expect(() => recordsOf(changed(javaBatch('none'), change))).toThrow(corrupt(message));
  });

  test('with a header longer than its record fail when the header is read, not before', () => {
    const cursor = new RecordCursor().reset(changed(javaBatch('none'), (copy) => copy.writeUInt8(0x7e, 76)));
    cursor.nextBatch();
    expect(cursor.next()).toBe(true);
    expect(() => cursor.nextHeader()).toThrow(corrupt('header key of 63 bytes'));
  });

  test('that decompress to more than allowed are refused', () => {
    const writer = new RecordBatchWriter();
    writer.append(0, null, Buffer.alloc(1_000_000));
    for (const compression of ['gzip', 'zstd'] as const) {
      const batch = writer.seal({ compression });
      expect(batch.length).toBeLessThan(5000);
      const cursor = new RecordCursor({ maxDecompressedBytes: 100_000 }).reset(batch);
      cursor.nextBatch();
      expect(() => cursor.next()).toThrow(
        corrupt(`${compression} records of the batch at 0 cannot be decompressed into 100000 bytes`),
      );
    }
  });

  test('are told by their checksum, which covers everything from the attributes on', () => {
    const batch = javaBatch('none');
    for (let at = BatchOffset.ATTRIBUTES; at < batch.length; at++) {
      const cursor = new RecordCursor().reset(changed(batch, (copy) => copy.writeUInt8((copy[at] ?? 0) ^ 0x10, at)));
      try {
        expect(cursor.nextBatch()).toBe(true);
      } catch {
        continue; // A count or delta that is impossible is refused even before its checksum is asked for.
      }
      expect(cursor.crcValid()).toBe(false);
    }
  });

  test('of any bytes at all are read or refused with an error of this library', () => {
    const batches = ['none', 'gzip', 'zstd', 'commitMarker'].map(javaBatch);
    const mutation = fc.tuple(fc.constantFrom(...batches), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 5 }));
    fc.assert(
      fc.property(mutation, ([batch, edits]) => {
        const bytes = changed(batch, (copy) => {
          for (const [at, value] of edits) copy[at % copy.length] = value;
        });
        try {
          return recordsOf(bytes).length >= 0;
        } catch (error) {
          return error instanceof KafkaProtocolError;
        }
      }),
      { numRuns: 3000 },
    );
  });
});
