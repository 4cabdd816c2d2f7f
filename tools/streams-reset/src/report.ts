import type { ResetPlan } from '@playhead/stream-core/client';

/** A reset in lines: what was done, or would be. */
export function reportLines(plan: ResetPlan, { dryRun }: { readonly dryRun: boolean }): string[] {
  const { applicationId, offsets, deletedTopics, unclaimedTopics } = plan;
  return [
    dryRun ? `would reset ${applicationId}:` : `reset ${applicationId}:`,
    ...offsets.map(({ topic, partition, from, to }) => `  input ${topic}-${partition}: ${from ?? 'no offset'} → ${to}`),
    ...deletedTopics.map((topic) => `  delete ${topic}`),
    ...unclaimedTopics.map(
      (topic) => `  left alone: ${topic} (no record says whose it is; --internal-topics deletes it)`,
    ),
  ];
}
