import { afterAll, expect, test } from '@jest/globals';
import { RecordCursor } from '@playhead/kafka-protocol';
import { readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { FilePool } from '../../../src/storage/file-pool.ts';
import { PartitionLog } from '../../../src/storage/partition-log.ts';
import { toLogConfig } from '../../../src/storage/topic-config.ts';
import { brief, compactOnce, consume, EAGER } from '../../support/compaction.ts';
import { openLog } from '../../support/logs.ts';
import { TemporaryDirectories } from '../../support/temporary-directory.ts';
import { append, newLogsIn, NOW, put } from './keyed-log.ts';

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

const newLog = newLogsIn(directories);

test('a log that is forced to the disk is compacted as well', async () => {
  const directory = directories.make();
  const files = new FilePool(4);
  const log = new PartitionLog({ directory, files, config: toLogConfig(EAGER), maxProducers: 1, durable: true });
  append(log, [put('a', '1'), put('a', '2')]);
  log.closeOpenSegment();
  append(log, [put('b', '1')]);
  await compactOnce(log);
  expect(brief(consume(log))).toEqual(['1:a=2', '2:b=1']);
  log.close();
});

test('the checkpoint survives: a restart does not compact again', async () => {
  const log = newLog();
  append(log, [put('a', '1'), put('a', '2')]);
  log.closeOpenSegment();
  append(log, [put('b', '1')]);
  await compactOnce(log);
  log.close();
  const reopened = openLog(log.directory, EAGER);
  await expect(compactOnce(reopened)).resolves.toBe(false);
  expect(reopened.recovered).toEqual({ scannedBytes: 0, truncatedBytes: 0 });
  reopened.close();
});

test('a log that was cut back behind what was compacted is compacted again', async () => {
  const log = newLog({ 'segment.bytes': '100' });
  for (let i = 0; i < 6; i++) append(log, [put(`k${i}`, 'v'.repeat(50))]);
  await compactOnce(log);
  log.close();
  const [second = ''] = readdirSync(log.directory)
    .filter((name) => name.endsWith('.log'))
    .slice(1);
  truncateSync(join(log.directory, second), 10);
  rmSync(join(log.directory, second.replace('.log', '.index')));
  const cut = openLog(log.directory, EAGER);
  expect(cut.nextOffset).toBe(1);
  append(cut, [put('k0', '1'), put('k0', '2')]);
  cut.closeOpenSegment();
  append(cut, [put('z', '1')]);
  await compactOnce(cut);
  expect(brief(consume(cut))).toEqual(['2:k0=2', '3:z=1']);
  cut.close();
});

test('a checkpoint from before a segment was closed does not point into the one that took its place', async () => {
  const log = newLog({ 'segment.bytes': '10000' });
  append(log, [put('a', '1')]);
  log.checkpoint();
  append(log, [put('b', 'long'.repeat(50))]);
  append(log, [put('a', '2')]);
  log.closeOpenSegment();
  append(log, [put('c', '1')]);
  await compactOnce(log);
  const afterCrash = openLog(log.directory, EAGER);
  expect(afterCrash.recovered.truncatedBytes).toBe(0);
  expect(brief(consume(afterCrash))).toEqual([`1:b=${'long'.repeat(50)}`, '2:a=2', '3:c=1']);
  afterCrash.close();
});

test('compact,delete: what retention takes during a pass ends the pass and nothing is lost', async () => {
  const log = newLog({ 'cleanup.policy': 'compact,delete', 'retention.ms': '5000', 'segment.bytes': '100' });
  for (let i = 0; i < 6; i++) append(log, [put('a', `${i}`)], { timestampMs: 1000 * i });
  const whole = brief(consume(log));
  const pass = compactOnce(log, { nowMs: NOW });
  log.applyRetention(8000);
  await expect(pass).rejects.toThrow('interrupted');
  expect(brief(consume(log))).toEqual(whole.slice(log.logStartOffset));
  expect(readdirSync(log.directory).filter((name) => /cleaned\.(log|index)$/.test(name))).toEqual([]);
  await compactOnce(log, { nowMs: NOW });
  expect(brief(consume(log))).toEqual(['4:a=4', '5:a=5']);
  log.applyRetention(60_000);
  expect(log.logStartOffset).toBe(6);
  log.close();
});

test('compact,delete: segments of different times do not become one, which retention could not drop', async () => {
  const log = newLog({ 'cleanup.policy': 'compact,delete', 'retention.ms': '4000', 'segment.bytes': '100' });
  for (let i = 0; i < 40; i++) {
    append(log, [put(`${i}`, 'v')], { timestampMs: 200 * i });
    log.config = { ...log.config, segmentBytes: 100_000 };
    if (i % 5 === 4) await compactOnce(log, { nowMs: 200 * i });
    log.config = { ...log.config, segmentBytes: 100 };
  }
  expect(log.segmentCount).toBeLessThan(15);
  log.applyRetention(8000);
  // All that is older than 4000 ms, but for a quarter of that time.
  expect(log.logStartOffset).toBeGreaterThanOrEqual(15);
  expect(log.logStartOffset).toBeLessThanOrEqual(20);
  log.close();
});

test('a reader in the middle of a segment goes on after it was replaced', async () => {
  const log = newLog({ 'segment.bytes': '2000' });
  for (let i = 0; i < 40; i++) append(log, [put(`k${i % 3}`, `v${i}`)]);
  const first = new RecordCursor().reset(log.read(0, 200, true).records);
  let offset = 0;
  while (first.nextBatch()) offset = first.lastOffset + 1;
  expect(offset).toBeGreaterThan(1);
  await compactOnce(log);
  const seen: number[] = [];
  while (offset < log.nextOffset) {
    const cursor = new RecordCursor().reset(log.read(offset, 200, true).records);
    while (cursor.nextBatch()) {
      while (cursor.next()) if (cursor.offset >= offset) seen.push(cursor.offset);
      offset = cursor.lastOffset + 1;
    }
  }
  expect(seen.slice(-3)).toEqual([37, 38, 39]);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  log.close();
});
