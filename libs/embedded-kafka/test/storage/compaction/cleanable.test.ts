import { afterAll, expect, test } from '@jest/globals';
import { makeBatch, type TestRecord } from '../../support/batches.ts';
import { brief, compactOnce, consume, EAGER } from '../../support/compaction.ts';
import { openLog } from '../../support/logs.ts';
import { TemporaryDirectories } from '../../support/temporary-directory.ts';

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

const NOW = 10_000;

const newLog = (config: Readonly<Record<string, string>> = {}) => openLog(directories.make(), { ...EAGER, ...config });
const put = (key: string, value: string): TestRecord => ({ key, value });

function append(
  log: ReturnType<typeof openLog>,
  records: readonly TestRecord[],
  options?: Parameters<typeof makeBatch>[1],
): void {
  expect(log.append(makeBatch(records, options), 8, NOW)).toMatchObject({ errorCode: 0 });
}

test('a pass is due when the dirty ratio is reached, and not again without new data', async () => {
  const log = newLog({ 'min.cleanable.dirty.ratio': '0.5' });
  for (const value of ['1', '2', '3', '4']) append(log, [put('a', value.repeat(100)), put(value, value.repeat(100))]);
  log.closeOpenSegment();
  await expect(compactOnce(log)).resolves.toBe(true);
  await expect(compactOnce(log)).resolves.toBe(false);
  append(log, [put('b', 'little')]);
  log.closeOpenSegment();
  await expect(compactOnce(log)).resolves.toBe(false);
  append(log, [put('c', 'm'.repeat(2000))]);
  log.closeOpenSegment();
  await expect(compactOnce(log)).resolves.toBe(true);
  log.close();
});

test('min.compaction.lag.ms keeps what is younger, and all that follows it, as it is', async () => {
  const log = newLog({ 'min.compaction.lag.ms': '1000' });
  append(log, [put('a', '1'), put('a', '2')], { timestampMs: 1000 });
  log.closeOpenSegment();
  append(log, [put('b', '1'), put('b', '2')], { timestampMs: 5000 });
  log.closeOpenSegment();
  append(log, [put('c', '1'), put('c', '2')], { timestampMs: 1000 });
  log.closeOpenSegment();
  await compactOnce(log, { nowMs: 3000 });
  expect(brief(consume(log))).toEqual(['1:a=2', '2:b=1', '3:b=2', '4:c=1', '5:c=2']);
  await compactOnce(log, { nowMs: 9000 });
  expect(brief(consume(log))).toEqual(['1:a=2', '3:b=2', '5:c=2']);
  log.close();
});

test('max.compaction.lag.ms makes a pass due whatever the ratio, and closes the open segment in time', async () => {
  const log = newLog({ 'min.cleanable.dirty.ratio': '1', 'max.compaction.lag.ms': '1000' });
  append(log, [put('a', '1'), put('a', '2')], { timestampMs: NOW });
  log.applyRetention(NOW + 900);
  await expect(compactOnce(log, { nowMs: NOW + 900 })).resolves.toBe(false);
  log.applyRetention(NOW + 1100);
  await expect(compactOnce(log, { nowMs: NOW + 1100 })).resolves.toBe(true);
  expect(brief(consume(log))).toEqual(['1:a=2']);
  log.close();
});
