import type { StreamTask } from '../runtime/stream-task.ts';
import { compactedView } from './changelog-view.ts';
import type { DriverLog } from './driver-log.ts';
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
    const isCompacted = mayBeCompacted(builder.logConfig);
    const records = isSourceChangelog
      ? log.source(changelog, committedOffset(changelog.topic))
      : compactedView(log.changelog(changelog), isCompacted ? random : undefined);
    for (const { key, value, timestamp } of records) {
      if (key === null) continue;
      task.restore(changelog, key, value, timestamp);
      restored++;
    }
  }
  return restored;
}

/** Versioned stores keep compaction away for longer than a test lasts: of a key, the last record need not be the latest version. */
function mayBeCompacted(config: Readonly<Record<string, string>>): boolean {
  return (config['cleanup.policy'] ?? '').includes('compact') && config['min.compaction.lag.ms'] === undefined;
}
