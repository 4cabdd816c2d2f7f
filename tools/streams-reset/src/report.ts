import type { ResetResult } from '@playhead/stream-core/client';

/** A reset in lines: what was done, or would be. */
export function reportLines(result: ResetResult, { dryRun }: { readonly dryRun: boolean }): string[] {
  const { applicationId, offsets, deletedTopics, unclaimedTopics, wipedTasks } = result;
  return [
    dryRun ? `would reset ${applicationId}:` : `reset ${applicationId}:`,
    ...offsets.map(({ topic, partition, from, to }) => `  input ${topic}-${partition}: ${from ?? 'no offset'} → ${to}`),
    ...deletedTopics.map((topic) => `  delete ${topic}`),
    ...wipedTasks.map((task) => `  wipe the state of task ${task}`),
    ...unclaimedTopics.map(
      (topic) => `  left alone: ${topic} (no record says whose it is; --internal-topics deletes it)`,
    ),
  ];
}
