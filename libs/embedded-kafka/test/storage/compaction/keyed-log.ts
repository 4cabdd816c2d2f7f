import { expect } from '@jest/globals';
import type { PartitionLog } from '../../../src/storage/partition-log.ts';
import { makeBatch, type TestRecord } from '../../support/batches.ts';
import { EAGER } from '../../support/compaction.ts';
import { openLog } from '../../support/logs.ts';
import type { TemporaryDirectories } from '../../support/temporary-directory.ts';

/** The Produce version of every append. */
export const PRODUCE_VERSION = 8;
/** The time of every append. */
export const NOW = 10_000;

/** What makes an empty log, whose every closed segment is worth a pass, in a directory of its own. */
export const newLogsIn =
  (directories: TemporaryDirectories) =>
  (config: Readonly<Record<string, string>> = {}): PartitionLog =>
    openLog(directories.make(), { ...EAGER, ...config });

/** Appends a batch that the log must take. */
export function append(
  log: PartitionLog,
  records: readonly TestRecord[],
  options?: Parameters<typeof makeBatch>[1],
): void {
  expect(log.append(makeBatch(records, options), PRODUCE_VERSION, NOW)).toMatchObject({ errorCode: 0 });
}

/** A key's new value; null deletes it. */
export const put = (key: string, value: string | null): TestRecord => ({ key, value });
