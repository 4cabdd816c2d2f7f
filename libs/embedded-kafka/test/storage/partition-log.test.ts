import { afterAll, describe, expect, test } from '@jest/globals';
import { ErrorCode, readBatchHeader } from '@playhead/kafka-protocol';
import fc from 'fast-check';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeBatch, readValues } from '../support/batches.ts';
import { openLog, readAll } from '../support/logs.ts';
import { TemporaryDirectories } from '../support/temporary-directory.ts';

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

const PRODUCE_VERSION = 8;
const NOW = 10_000;

function newLog(config: Readonly<Record<string, string>> = {}) {
  return openLog(directories.make(), config);
}

describe('append and read', () => {
  test('keeps batches as received but for base offset and leader epoch', () => {
    const log = newLog();
    const sent = makeBatch(['a', 'b'], { compression: 'gzip' });
    const original = Buffer.from(sent);
    expect(log.append(makeBatch(['first']), PRODUCE_VERSION, NOW)).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect(log.append(sent, PRODUCE_VERSION, NOW)).toMatchObject({ errorCode: 0, baseOffset: 1 });
    const { records } = log.read(1, 1_000_000, true);
    const stored = readBatchHeader(records);
    expect(stored).toMatchObject({ baseOffset: 1, lastOffset: 2, partitionLeaderEpoch: 0 });
    expect(records.subarray(16)).toEqual(original.subarray(16));
    expect(records.subarray(8, 12)).toEqual(original.subarray(8, 12));
    log.close();
  });

  test('answers the whole batch that contains the offset', () => {
    const log = newLog();
    log.append(makeBatch(['a', 'b', 'c']), PRODUCE_VERSION, NOW);
    log.append(makeBatch(['d']), PRODUCE_VERSION, NOW);
    expect(readValues(log.read(1, 1_000_000, true).records)).toEqual(['0:a', '1:b', '2:c', '3:d']);
    log.close();
  });

  test('answers at least one batch above the limit when asked to, and none otherwise', () => {
    const log = newLog();
    log.append(makeBatch(['x'.repeat(50_000)]), PRODUCE_VERSION, NOW);
    log.append(makeBatch(['y']), PRODUCE_VERSION, NOW);
    expect(readValues(log.read(0, 10, true).records)).toHaveLength(1);
    expect(log.read(0, 10, false)).toMatchObject({ errorCode: 0, records: Buffer.alloc(0) });
    log.close();
  });

  test('answers nothing at the end and OFFSET_OUT_OF_RANGE outside', () => {
    const log = newLog();
    log.append(makeBatch(['a']), PRODUCE_VERSION, NOW);
    expect(log.read(1, 100, true)).toMatchObject({ errorCode: 0, records: Buffer.alloc(0) });
    expect(log.read(2, 100, true).errorCode).toBe(ErrorCode.OFFSET_OUT_OF_RANGE);
    expect(log.read(-1, 100, true).errorCode).toBe(ErrorCode.OFFSET_OUT_OF_RANGE);
    log.close();
  });

  test('every offset is found and only whole batches come, for any batch sizes, segment sizes and limits', () => {
    const sizes = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 30_000 })), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 100, max: 200_000 }),
        fc.integer({ min: 1, max: 60_000 }),
        (batches, segmentBytes, maxBytes) => {
          const log = newLog({ 'segment.bytes': String(segmentBytes) });
          const expected: string[] = [];
          for (const [count, length] of batches) {
            const values = Array.from({ length: count }, (_, i) => `${expected.length + i}-${'v'.repeat(length)}`);
            log.append(makeBatch(values), PRODUCE_VERSION, NOW);
            for (const value of values) expected.push(`${expected.length}:${value}`);
          }
          expect(readAll(log, 0, maxBytes)).toEqual(expected);
          for (let offset = 0; offset < log.nextOffset; offset++) {
            const { records } = log.read(offset, maxBytes, true);
            const found = readValues(records);
            expect(found).toContain(expected[offset]);
            expect(found.length === 0 ? 0 : readBatchHeader(records)?.baseOffset).toBeLessThanOrEqual(offset);
          }
          log.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  test('LogAppendTime stamps the batch, renews its checksum and is answered', () => {
    const log = newLog({ 'message.timestamp.type': 'LogAppendTime' });
    expect(log.append(makeBatch(['a']), PRODUCE_VERSION, NOW)).toMatchObject({ errorCode: 0, logAppendTimeMs: NOW });
    const header = readBatchHeader(log.read(0, 1000, true).records);
    expect(header).toMatchObject({ isLogAppendTime: true, maxTimestamp: NOW });
    const reopened = openLog(log.directory);
    expect(reopened.recovered.truncatedBytes).toBe(0);
    reopened.close();
    log.close();
  });
});

describe('idempotent producers', () => {
  const from = (baseSequence: number, epoch = 0) =>
    makeBatch(['a', 'b'], { producerId: 5, producerEpoch: epoch, baseSequence });

  test('a retry is answered with the first offset and not written again', () => {
    const log = newLog();
    log.append(makeBatch(['x']), PRODUCE_VERSION, NOW);
    expect(log.append(from(0), PRODUCE_VERSION, NOW)).toMatchObject({ errorCode: 0, baseOffset: 1 });
    expect(log.append(from(2), PRODUCE_VERSION, NOW)).toMatchObject({ errorCode: 0, baseOffset: 3 });
    expect(log.append(from(0), PRODUCE_VERSION, NOW)).toMatchObject({ errorCode: 0, baseOffset: 1 });
    expect(log.nextOffset).toBe(5);
    log.close();
  });

  test('a gap is OUT_OF_ORDER_SEQUENCE_NUMBER and an old epoch INVALID_PRODUCER_EPOCH', () => {
    const log = newLog();
    log.append(from(0, 1), PRODUCE_VERSION, NOW);
    expect(log.append(from(4, 1), PRODUCE_VERSION, NOW).errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
    expect(log.append(from(2, 0), PRODUCE_VERSION, NOW).errorCode).toBe(ErrorCode.INVALID_PRODUCER_EPOCH);
    expect(log.nextOffset).toBe(2);
    log.close();
  });

  test.each(['after a clean stop', 'after a crash'])('a retry %s is still recognised', (how) => {
    const log = newLog();
    log.append(from(0), PRODUCE_VERSION, NOW);
    if (how === 'after a clean stop') log.close();
    const reopened = openLog(log.directory);
    expect(reopened.append(from(0), PRODUCE_VERSION, NOW)).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect(reopened.append(from(2), PRODUCE_VERSION, NOW)).toMatchObject({ errorCode: 0, baseOffset: 2 });
    expect(reopened.nextOffset).toBe(4);
    reopened.close();
  });
});

describe('time', () => {
  test('finds the first record with at least a timestamp, inside its batch and across segments', () => {
    const log = newLog({ 'segment.bytes': '200' });
    for (let i = 0; i < 10; i++)
      log.append(makeBatch([`${i}a`, `${i}b`], { timestampMs: 100 * i }), PRODUCE_VERSION, NOW);
    expect(log.segmentCount).toBeGreaterThan(3);
    expect(log.findTimestamp(0)).toEqual({ offset: 0, timestampMs: 0 });
    expect(log.findTimestamp(301)).toEqual({ offset: 7, timestampMs: 301 });
    expect(log.findTimestamp(302)).toEqual({ offset: 8, timestampMs: 400 });
    expect(log.findTimestamp(902)).toBeNull();
    log.close();
  });

  test('agrees with a scan for times in any order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(50), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 30 }),
        fc.nat(60),
        (batches, wanted) => {
          const log = newLog({ 'segment.bytes': '300' });
          for (const times of batches)
            log.append(makeBatch(times.map((timestampMs) => ({ value: 'v', timestampMs }))), PRODUCE_VERSION, NOW);
          const all = batches.flat();
          const offset = all.findIndex((timestampMs) => timestampMs >= wanted);
          expect(log.findTimestamp(wanted)).toEqual(offset < 0 ? null : { offset, timestampMs: all[offset] });
          log.close();
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('retention and DeleteRecords', () => {
  function filled(config: Readonly<Record<string, string>>) {
    const log = newLog({ 'segment.bytes': '200', ...config });
    for (let i = 0; i < 10; i++)
      log.append(makeBatch(['v'.repeat(50)], { timestampMs: 1000 * i }), PRODUCE_VERSION, 1000 * i);
    return log;
  }

  test('by time drops whole closed segments whose newest record is too old', () => {
    const log = filled({ 'retention.ms': '5000' });
    expect(log.applyRetention(10_000)).toBeGreaterThan(0);
    expect(log.logStartOffset).toBeGreaterThanOrEqual(3);
    expect(log.logStartOffset).toBeLessThanOrEqual(5);
    expect(log.read(log.logStartOffset - 1, 100, true).errorCode).toBe(ErrorCode.OFFSET_OUT_OF_RANGE);
    expect(readAll(log)).toHaveLength(10 - log.logStartOffset);
    log.close();
  });

  test('by time drops everything when all is too old, and offsets go on', () => {
    const log = filled({ 'retention.ms': '1000' });
    log.applyRetention(1_000_000);
    expect(log.logStartOffset).toBe(10);
    expect(log.append(makeBatch(['new']), PRODUCE_VERSION, NOW).baseOffset).toBe(10);
    log.close();
  });

  test('by size drops the oldest segments and never goes below the limit', () => {
    const log = filled({ 'retention.ms': '-1', 'retention.bytes': '500' });
    log.applyRetention(10_000);
    expect(log.logStartOffset).toBeGreaterThan(0);
    expect(log.sizeBytes).toBeGreaterThanOrEqual(500);
    expect(log.sizeBytes).toBeLessThan(900);
    log.close();
  });

  test('leaves a topic alone that only compacts', () => {
    const log = filled({ 'cleanup.policy': 'compact', 'retention.ms': '1' });
    expect(log.applyRetention(1_000_000)).toBe(0);
    log.close();
  });

  test('a moved start survives a crash, and files before it go', () => {
    const log = filled({});
    const files = readdirSync(log.directory).filter((name) => name.endsWith('.log')).length;
    expect(log.deleteRecordsBefore(7)).toBe(7);
    expect(readdirSync(log.directory).filter((name) => name.endsWith('.log')).length).toBeLessThan(files);
    const reopened = openLog(log.directory);
    expect(reopened.logStartOffset).toBe(7);
    expect(reopened.nextOffset).toBe(10);
    expect(reopened.deleteRecordsBefore(3)).toBe(7);
    expect(reopened.deleteRecordsBefore(-1)).toBe(10);
    expect(reopened.deleteRecordsBefore(11)).toBeNull();
    reopened.close();
  });

  test('a segment is closed after segment.ms, so that a quiet topic can be cleaned', () => {
    const log = newLog({ 'segment.ms': '1000' });
    log.append(makeBatch(['a'], { timestampMs: 0 }), PRODUCE_VERSION, 0);
    log.applyRetention(900);
    expect(log.segmentCount).toBe(1);
    log.applyRetention(2000);
    expect(log.segmentCount).toBe(2);
    log.close();
  });
});

describe('listeners', () => {
  test('hear of appends and of the end, and nothing after they stopped listening', () => {
    const log = newLog();
    let heard = 0;
    const listener = (): void => void heard++;
    log.onChange(listener);
    log.append(makeBatch(['a']), PRODUCE_VERSION, NOW);
    expect(heard).toBe(1);
    log.offChange(listener);
    log.append(makeBatch(['b']), PRODUCE_VERSION, NOW);
    expect(heard).toBe(1);
    log.onChange(() => heard++);
    log.close();
    expect(heard).toBe(2);
  });
});

test('checkpoints are written while a log grows, so that a start after a crash reads no more than one interval', () => {
  const log = newLog({ 'segment.bytes': '20000000' });
  const value = 'v'.repeat(900_000);
  for (let i = 0; i < 12; i++) log.append(makeBatch([value]), PRODUCE_VERSION, NOW);
  const reopened = openLog(log.directory);
  expect(reopened.recovered.scannedBytes).toBeGreaterThan(0);
  expect(reopened.recovered.scannedBytes).toBeLessThan(8 * 1024 * 1024);
  expect(reopened.nextOffset).toBe(12);
  expect(statSync(join(log.directory, '00000000000000000000.log')).size).toBe(reopened.sizeBytes);
  reopened.close();
});
