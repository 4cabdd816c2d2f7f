import { afterAll, describe, expect, test } from '@jest/globals';
import { BatchOffset, crc32c, RecordCursor } from '@playhead/kafka-protocol';
import { rmSync } from 'node:fs';
import type { PartitionLog } from '../../../src/storage/partition-log.ts';
import { makeBatch } from '../../support/batches.ts';
import { brief, compactOnce, consume, EAGER, tableOf } from '../../support/compaction.ts';
import { openLog } from '../../support/logs.ts';
import { TemporaryDirectories } from '../../support/temporary-directory.ts';
import { append, newLogsIn, NOW, PRODUCE_VERSION, put } from './keyed-log.ts';

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

const newLog = newLogsIn(directories);

/** The headers of all batches, and whether they have records. */
function batchesOf(log: PartitionLog) {
  const found: { base: number; last: number; count: number; sequence: number }[] = [];
  for (let offset = log.logStartOffset; offset < log.nextOffset;) {
    const cursor = new RecordCursor().reset(log.read(offset, 1_000_000, true).records);
    while (cursor.nextBatch()) {
      const { baseOffset, lastOffset, recordCount, baseSequence } = cursor;
      found.push({ base: baseOffset, last: lastOffset, count: recordCount, sequence: baseSequence });
      offset = lastOffset + 1;
    }
  }
  return found;
}

test('the last value of each key stays at its offset, in its batch and with its time', async () => {
  const log = newLog();
  append(log, [put('a', '1'), put('b', '1'), put('a', '2')], { timestampMs: 100 });
  append(log, [put('c', '1'), put('b', '2')], { timestampMs: 200 });
  log.closeOpenSegment();
  append(log, [put('d', '1')]);
  await expect(compactOnce(log)).resolves.toBe(true);
  expect(consume(log)).toEqual([
    { offset: 2, key: 'a', value: '2', timestampMs: 102 },
    { offset: 3, key: 'c', value: '1', timestampMs: 200 },
    { offset: 4, key: 'b', value: '2', timestampMs: 201 },
    { offset: 5, key: 'd', value: '1', timestampMs: 1000 },
  ]);
  expect(batchesOf(log)).toMatchObject([{ base: 0, last: 2, count: 1 }, { base: 3, last: 4, count: 2 }, { base: 5 }]);
  log.close();
});

test('the open segment is never compacted', async () => {
  const log = newLog({ 'segment.bytes': '100000' });
  append(log, [put('a', '1'), put('a', '2')]);
  await expect(compactOnce(log)).resolves.toBe(false);
  expect(brief(consume(log))).toEqual(['0:a=1', '1:a=2']);
  log.close();
});

test('a later value in the open segment does not remove an earlier one yet', async () => {
  const log = newLog();
  append(log, [put('a', '1'), put('a', '2')]);
  log.closeOpenSegment();
  append(log, [put('a', '3')]);
  await compactOnce(log);
  expect(brief(consume(log))).toEqual(['1:a=2', '2:a=3']);
  log.close();
});

test('a batch that lost everything goes, small segments become one, and every offset between is still answered', async () => {
  const log = newLog({ 'segment.bytes': '100' });
  for (let i = 0; i < 20; i++) append(log, [put(`k${i % 2}`, `v${i}`)]);
  expect(log.segmentCount).toBe(20);
  await compactOnce(log);
  expect(log.segmentCount).toBeLessThan(5);
  expect(brief(consume(log))).toEqual(['17:k1=v17', '18:k0=v18', '19:k1=v19']);
  for (let offset = 0; offset < 20; offset++) {
    const cursor = new RecordCursor().reset(log.read(offset, 1_000_000, true).records);
    expect(cursor.nextBatch()).toBe(true);
    expect(cursor.lastOffset).toBeGreaterThanOrEqual(offset);
  }
  log.close();
});

test.each(['none', 'gzip', 'zstd'] as const)(
  'records of a %s batch are removed and the codec stays',
  async (compression) => {
    const log = newLog({ 'segment.bytes': '10000' });
    append(log, [put('a', 'x'.repeat(100)), put('b', 'y'.repeat(100))], { compression });
    append(log, [put('a', 'z')], { compression });
    log.closeOpenSegment();
    await compactOnce(log);
    expect(brief(consume(log))).toEqual([`1:b=${'y'.repeat(100)}`, '2:a=z']);
    const cursor = new RecordCursor().reset(log.read(0, 1_000_000, true).records);
    cursor.nextBatch();
    expect(cursor.compression).toBe({ none: 0, gzip: 1, zstd: 4 }[compression]);
    log.close();
  },
);

test('LogAppendTime stays the time of the records that are left', async () => {
  const log = newLog({ 'message.timestamp.type': 'LogAppendTime' });
  append(log, [put('a', '1'), put('b', null), put('a', '2')], { timestampMs: 5 });
  log.closeOpenSegment();
  await compactOnce(log);
  expect(consume(log).map(({ timestampMs }) => timestampMs)).toEqual([NOW, NOW]);
  log.close();
});

describe('tombstones', () => {
  const config = { 'delete.retention.ms': '1000' };

  test('stay for delete.retention.ms after the first pass that sees them, with their times, and then go', async () => {
    const log = newLog(config);
    append(log, [put('a', '1'), put('b', '1'), put('a', null)], { timestampMs: 500 });
    log.closeOpenSegment();
    append(log, [put('z', '1')]);
    await compactOnce(log, { nowMs: 20_000 });
    const after = [
      { offset: 1, key: 'b', value: '1', timestampMs: 501 },
      { offset: 2, key: 'a', value: null, timestampMs: 502 },
    ];
    expect(consume(log).slice(0, 2)).toEqual(after);
    await expect(compactOnce(log, { nowMs: 20_999 })).resolves.toBe(false);
    await expect(compactOnce(log, { nowMs: 21_000 })).resolves.toBe(true);
    expect(brief(consume(log))).toEqual(['1:b=1', '3:z=1']);
    expect(consume(log)[0]?.timestampMs).toBe(501);
    await expect(compactOnce(log, { nowMs: 90_000 })).resolves.toBe(false);
    log.close();
  });

  test('a pass before their time does not move it, not even after a restart', async () => {
    const log = newLog(config);
    append(log, [put('a', null)]);
    log.closeOpenSegment();
    append(log, [put('b', '1')]);
    await compactOnce(log, { nowMs: 20_000 });
    log.close();
    const reopened = openLog(log.directory, { ...EAGER, ...config });
    reopened.closeOpenSegment();
    append(reopened, [put('c', '1')]);
    await compactOnce(reopened, { nowMs: 20_900 });
    expect(brief(consume(reopened))).toEqual(['0:a=null', '1:b=1', '2:c=1']);
    await compactOnce(reopened, { nowMs: 21_001 });
    expect(brief(consume(reopened))).toEqual(['1:b=1', '2:c=1']);
    reopened.close();
  });

  test('one behind a batch that cannot be opened stays, because an older value might be in there', async () => {
    const log = newLog({ ...config, 'segment.bytes': '10000', 'cleanup.policy': 'delete' });
    const unknown = makeBatch([put('a', 'old')]);
    // Snappy by its attributes; what follows is no snappy. A compacted topic would not take it: it was one of another policy.
    unknown[22] = 2;
    unknown.writeUInt32BE(crc32c(unknown, BatchOffset.ATTRIBUTES), BatchOffset.CRC);
    expect(log.append(unknown, PRODUCE_VERSION, NOW).errorCode).toBe(0);
    append(log, [put('a', null)]);
    log.closeOpenSegment();
    append(log, [put('b', '1')]);
    log.config = { ...log.config, compact: true };
    await compactOnce(log, { nowMs: 20_000 });
    await compactOnce(log, { nowMs: 90_000 });
    expect(batchesOf(log)).toMatchObject([{ base: 0, count: 1 }, { base: 1, count: 1 }, { base: 2 }]);
    await expect(compactOnce(log, { nowMs: 100_000 })).resolves.toBe(false);
    log.close();
  });
});

test('a compressed batch that announces more records than it can have stays as it is', async () => {
  const log = newLog({ 'cleanup.policy': 'delete', 'segment.bytes': '10000' });
  const boasting = makeBatch([put('a', '1')], { compression: 'gzip' });
  boasting.writeInt32BE(0x7fff_fff0, BatchOffset.RECORD_COUNT);
  boasting.writeInt32BE(0x7fff_ffef, BatchOffset.LAST_OFFSET_DELTA);
  boasting.writeUInt32BE(crc32c(boasting, BatchOffset.ATTRIBUTES), BatchOffset.CRC);
  expect(log.append(boasting, PRODUCE_VERSION, NOW).errorCode).toBe(0);
  log.closeOpenSegment();
  append(log, [put('a', '2'), put('a', '3')]);
  log.closeOpenSegment();
  log.config = { ...log.config, compact: true };
  await compactOnce(log);
  expect(batchesOf(log)).toMatchObject([
    { base: 0, count: 0x7fff_fff0 },
    { base: 0x7fff_fff0, count: 1 },
  ]);
  log.close();
});

describe('producers', () => {
  const producer = { producerId: 7, producerEpoch: 0 };

  test("a producer's last batch leaves its header when its records go, so that a scan knows the sequence", async () => {
    const log = newLog();
    append(log, [put('a', '1'), put('a', '2')], { ...producer, baseSequence: 0 });
    append(log, [put('a', '3'), put('b', '3')], { ...producer, baseSequence: 2 });
    append(log, [put('a', '4'), put('b', '4')]);
    log.closeOpenSegment();
    append(log, [put('c', '1')]);
    await compactOnce(log);
    expect(batchesOf(log)).toEqual([
      { base: 2, last: 3, count: 0, sequence: 2 },
      { base: 4, last: 5, count: 2, sequence: -1 },
      { base: 6, last: 6, count: 1, sequence: -1 },
    ]);
    log.close();
    // Without its checkpoint a start reads the producers from the log.
    rmSync(`${log.directory}/checkpoint.json`);
    const reopened = openLog(log.directory, EAGER);
    const next = makeBatch([put('d', '1')], { ...producer, baseSequence: 4 });
    const skipping = makeBatch([put('d', '1')], { ...producer, baseSequence: 9 });
    expect(reopened.append(skipping, PRODUCE_VERSION, NOW).errorCode).toBe(45);
    expect(reopened.append(next, PRODUCE_VERSION, NOW)).toMatchObject({ errorCode: 0, baseOffset: 7 });
    reopened.close();
  });

  test('an emptied batch goes once its producer has written another', async () => {
    const log = newLog();
    append(log, [put('a', '1')], { ...producer, baseSequence: 0 });
    append(log, [put('a', '2')]);
    log.closeOpenSegment();
    append(log, [put('b', '1')]);
    await compactOnce(log);
    expect(batchesOf(log)).toMatchObject([{ base: 0, count: 0 }, { base: 1 }, { base: 2 }]);
    append(log, [put('c', '1')], { ...producer, baseSequence: 1 });
    log.closeOpenSegment();
    append(log, [put('d', '1')]);
    await compactOnce(log);
    expect(batchesOf(log)).toMatchObject([{ base: 1 }, { base: 2 }, { base: 3 }, { base: 4 }]);
    log.close();
  });
});

test("the log's last batch stays even without records, so that no offset is given twice", async () => {
  const log = newLog({ 'delete.retention.ms': '0' });
  append(log, [put('a', '1')]);
  append(log, [put('a', null)]);
  log.closeOpenSegment();
  await compactOnce(log, { nowMs: 20_000 });
  await compactOnce(log, { nowMs: 30_000 });
  expect(consume(log)).toEqual([]);
  for (const how of ['crash', 'clean stop']) {
    if (how === 'clean stop') log.close();
    const reopened = openLog(log.directory, EAGER);
    expect([how, reopened.nextOffset, reopened.logStartOffset]).toEqual([how, 2, 0]);
    reopened.close();
  }
});

test('records without a key go, as in Kafka: they were written before the topic was compacted', async () => {
  const log = newLog({ 'cleanup.policy': 'delete' });
  append(log, [{ value: 'x' }, put('a', '1')]);
  log.closeOpenSegment();
  append(log, [put('b', '1')]);
  log.config = { ...log.config, compact: true };
  await compactOnce(log);
  expect(brief(consume(log))).toEqual(['1:a=1', '2:b=1']);
  log.close();
});

test('a log with more keys than the map holds is compacted in several passes', async () => {
  const log = newLog({ 'segment.bytes': '4000' });
  for (let round = 0; round < 3; round++)
    for (let i = 0; i < 200; i += 10)
      append(
        log,
        Array.from({ length: 10 }, (_, k) => put(`key-${i + k}`, `${round}`)),
      );
  log.closeOpenSegment();
  const before = tableOf(consume(log));
  let passes = 0;
  while (await compactOnce(log, { mapBytes: 3000 })) passes++;
  expect(passes).toBeGreaterThan(3);
  expect(tableOf(consume(log))).toEqual(before);
  expect(consume(log)).toHaveLength(200);
  log.close();
});

test('a tombstone beyond what the map held stays, however old, until a pass has seen its key', async () => {
  const log = newLog({ 'segment.bytes': '10000', 'delete.retention.ms': '0' });
  // The smallest map holds six keys: the first pass ends at g1, the second before the tombstone, in the same segment.
  append(log, [put('gone', '1')]);
  for (const key of ['f1', 'f2', 'f3', 'f4', 'f5', 'g1', 'g2', 'g3', 'g4', 'g5', 'g6']) append(log, [put(key, '1')]);
  append(log, [put('gone', null)]);
  log.closeOpenSegment();
  append(log, [put('z', '1')]);
  const before = tableOf(consume(log));
  for (const nowMs of [20_000, 30_000, 40_000, 50_000, 60_000]) {
    await compactOnce(log, { mapBytes: 1, nowMs });
    expect([nowMs, tableOf(consume(log))]).toEqual([nowMs, before]);
  }
  expect(consume(log)).toHaveLength(12);
  log.close();
});
