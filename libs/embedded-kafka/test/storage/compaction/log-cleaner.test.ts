import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LogCleaner } from '../../../src/storage/compaction/log-cleaner.ts';
import type { PartitionLog } from '../../../src/storage/partition-log.ts';
import { TopicStore } from '../../../src/storage/topic-store.ts';
import { makeBatch } from '../../support/batches.ts';
import { brief, consume } from '../../support/compaction.ts';
import { TemporaryDirectories } from '../../support/temporary-directory.ts';

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

const NOW = 10_000;
const COMPACT = { 'cleanup.policy': 'compact', 'message.timestamp.after.max.ms': '9223372036854775807' };

let topics: TopicStore;
let cleaner: LogCleaner;
let logged: string[];

beforeEach(async () => {
  logged = [];
  const note =
    (level: string) =>
    (message: string, fields: object = {}): void => {
      const { topic } = fields as { readonly topic?: string };
      if (message !== 'topic created') logged.push(`${level}: ${message}: ${topic}`);
    };
  const logger = { info: note('info'), warn: note('warn'), error: note('error') };
  topics = new TopicStore({
    dataDir: directories.make(),
    logger,
    maxPartitions: 100,
    maxOpenFiles: 10,
    maxProducersPerPartition: 10,
    sync: false,
  });
  await topics.open();
  cleaner = new LogCleaner(topics, { intervalMs: 60_000, maxMapBytes: 1024 * 1024, logger, now: () => NOW });
});

afterEach(async () => {
  await cleaner.stop();
  await topics.close();
});

function newLog(name: string, config: Readonly<Record<string, string>> = COMPACT): PartitionLog {
  return topics.create(name, 1, config).logs[0] as PartitionLog;
}

function write(log: PartitionLog, keys: readonly string[], valueBytes = 10): void {
  const records = keys.map((key) => ({ key, value: 'v'.repeat(valueBytes) }));
  expect(log.append(makeBatch(records), 8, NOW).errorCode).toBe(0);
}

test('compacts what is dirty enough, the dirtiest first, and nothing that is only deleted', async () => {
  const half = newLog('half');
  const all = newLog('all');
  const deleted = newLog('deleted', { 'cleanup.policy': 'delete' });
  for (const log of [half, all, deleted]) {
    write(log, ['a', 'a']);
    log.closeOpenSegment();
  }
  await cleaner.run();
  expect(logged).toEqual(['info: log compacted: half', 'info: log compacted: all']);
  logged = [];
  write(half, ['b', 'b'], 30);
  write(all, ['a', 'a'], 500);
  for (const log of [half, all]) log.closeOpenSegment();
  await cleaner.run();
  expect(logged).toEqual(['info: log compacted: all', 'info: log compacted: half']);
  expect(brief(consume(deleted))).toHaveLength(2);
  expect(brief(consume(half))).toEqual([`1:a=${'v'.repeat(10)}`, `3:b=${'v'.repeat(30)}`]);
});

test('a small table does not drag a segment of the default size along: the open one is closed once it is most of the log', async () => {
  const log = newLog('table');
  for (let i = 0; i < 40; i++) {
    write(log, ['a', 'b', 'c'], 20_000);
    await cleaner.run();
    expect(log.sizeBytes).toBeLessThan(1_300_000);
  }
  expect(log.nextOffset).toBe(120);
  expect(new Set(consume(log).map(({ key }) => key))).toEqual(new Set(['a', 'b', 'c']));
});

test('a pass that fails leaves its log as it was and the others are compacted', async () => {
  const broken = newLog('broken');
  const fine = newLog('fine');
  for (const log of [broken, fine]) {
    write(log, ['a', 'a']);
    log.closeOpenSegment();
  }
  // A directory where the compacted segment would be written.
  mkdirSync(join(broken.directory, '00000000000000000000.cleaned.log'));
  await cleaner.run();
  expect(logged).toEqual(['warn: a log could not be compacted: broken', 'info: log compacted: fine']);
  expect(consume(broken)).toHaveLength(2);
  expect(consume(fine)).toHaveLength(1);
});

test('a log whose open segment cannot be closed, on a full disk for example, does not end the round', async () => {
  const broken = newLog('broken');
  const fine = newLog('fine');
  for (const key of ['a', 'b', 'c']) write(broken, [key], 400_000);
  write(fine, ['a', 'a']);
  fine.closeOpenSegment();
  // A directory where the segment's index would be written.
  mkdirSync(join(broken.directory, '00000000000000000000.index.tmp'));
  await cleaner.run();
  expect(logged).toEqual(['warn: a log could not be compacted: broken', 'info: log compacted: fine']);
  write(broken, ['d']);
  expect(consume(broken)).toHaveLength(4);
});

test('a topic that is deleted, or a broker that stops, ends a pass without a word', async () => {
  for (const end of [() => topics.delete('large'), () => cleaner.stop()]) {
    const log = newLog('large');
    for (let i = 0; i < 200; i++) write(log, [`${i}`, `${i}`]);
    log.closeOpenSegment();
    const run = cleaner.run();
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.resolve(end());
    await run;
  }
  expect(logged.filter((line) => !line.includes('topic deleted'))).toEqual([]);
});

test('a log is not looked at again before its interval when its tombstones may go at once', async () => {
  const log = newLog('impatient', { ...COMPACT, 'delete.retention.ms': '0' });
  expect(log.append(makeBatch([{ key: 'a', value: null }]), 8, NOW).errorCode).toBe(0);
  log.closeOpenSegment();
  write(log, ['b']);
  await cleaner.run();
  expect(logged).toHaveLength(1);
  await cleaner.run();
  expect(logged).toHaveLength(2);
  expect(consume(log).map(({ key }) => key)).toEqual(['b']);
  await cleaner.run();
  expect(logged).toHaveLength(2);
});
