import { expect, test } from '@jest/globals';
import {
  batchSizeAt,
  isBatchCrcValid,
  placeBatch,
  readBatchHeader,
  RecordCursor,
  stampBatch,
} from '../../src/index.ts';
import { javaBatch } from '../fixtures/java-bytes.ts';
import { recordsOf } from './records-of.ts';

test('a header is read as the object a broker checks', () => {
  const batch = javaBatch('gzip');
  expect(readBatchHeader(Buffer.concat([Buffer.alloc(3), batch]), 3)).toEqual({
    baseOffset: 42,
    lastOffset: 44,
    sizeInBytes: batch.length,
    partitionLeaderEpoch: 5,
    crc: batch.readUInt32BE(17),
    attributes: 0x11,
    compression: 1,
    isLogAppendTime: false,
    isTransactional: true,
    isControl: false,
    lastOffsetDelta: 2,
    baseTimestamp: 1_700_000_000_000,
    maxTimestamp: 1_700_000_099_999,
    producerId: 9001,
    producerEpoch: 3,
    baseSequence: 17,
    recordCount: 3,
  });
});

test('a batch that is not all there has no header and no size', () => {
  const batch = javaBatch('none');
  expect(readBatchHeader(batch.subarray(0, -1))).toBeUndefined();
  expect([batchSizeAt(batch, 0), batchSizeAt(batch.subarray(0, 40), 0), batchSizeAt(Buffer.alloc(5), 0)]).toEqual([
    batch.length,
    -1,
    -1,
  ]);
});

test('placing a batch in a log leaves its checksum right', () => {
  const batch = javaBatch('zstd');
  placeBatch(batch, 0, 2 ** 40, 9);
  expect(readBatchHeader(batch)).toMatchObject({
    baseOffset: 2 ** 40,
    lastOffset: 2 ** 40 + 2,
    partitionLeaderEpoch: 9,
  });
  expect(isBatchCrcValid(batch, 0, batch.length)).toBe(true);
  expect(recordsOf(batch).map((record) => record.offset)).toEqual([2 ** 40, 2 ** 40 + 1, 2 ** 40 + 2]);
});

test('stamping a batch gives its records the broker’s time and renews the checksum', () => {
  for (const name of ['none', 'gzip']) {
    const batch = javaBatch(name);
    stampBatch(batch, 0, batch.length, 1_800_000_000_000);
    const cursor = new RecordCursor().reset(batch);
    cursor.nextBatch();
    expect([cursor.crcValid(), cursor.isLogAppendTime, cursor.isTransactional]).toEqual([true, true, true]);
    expect(new Set(recordsOf(batch).map((record) => record.timestamp))).toEqual(new Set([1_800_000_000_000]));
  }
});
