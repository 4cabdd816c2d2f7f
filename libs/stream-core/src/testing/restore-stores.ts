import type { StreamTask } from '../runtime/stream-task.ts';
import { compactedView } from './changelog-view.ts';
import type { DriverLog } from './driver-log.ts';
import type { ProducedRecord } from './paged-record.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Where the stores of a task come back from. */
export interface RestoreSource {
  readonly log: DriverLog;
  /** Of the task's inputs: a table's source topic is state up to there. */
  readonly committedOffset: (topic: string) => number;
  /** How far changelogs are compacted; undefined: not at all. */
  readonly random: SeededRandom | undefined;
}

/** Fills the stores of a task that has not been initialised. Gives the number of records. Throws as `StateStore.restore` does. */
export function restoreStores(task: StreamTask, { log, committedOffset, random }: RestoreSource): number {
  let restored = 0;
  for (const changelog of task.changelogs) {
    const { isSourceChangelog, builder } = changelog.plan;
    const records = isSourceChangelog
      ? log.source(changelog, committedOffset(changelog.topic))
      : viewOf(log.changelog(changelog), builder.logConfig, random);
    for (const { key, value, timestamp } of records) {
      if (key === null) continue;
      task.restore(changelog, key, value, timestamp);
      restored++;
    }
  }
  return restored;
}

function viewOf(
  records: readonly ProducedRecord[],
  config: Readonly<Record<string, string>>,
  random: SeededRandom | undefined,
): readonly ProducedRecord[] {
  const policy = config['cleanup.policy'] ?? '';
  // Versioned stores keep compaction away for longer than a test lasts: of a key, the last record need not be the latest version.
  if (!policy.includes('compact') || config['min.compaction.lag.ms'] !== undefined) return records;
  // A deleted window still tells its store the time, and with it which others have expired.
  return compactedView(records, random, policy !== 'compact');
}
