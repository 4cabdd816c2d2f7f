import type { OffsetStore } from './offset-store.ts';

/**
 * Forgets the offsets of an empty group that has been so for longer than the retention time; answers how many. An offset lives that long after its commit
 * too, so what an outsider commits to an empty group is not forgotten at once.
 */
export function expireOffsets(
  store: OffsetStore,
  group: string,
  emptySinceMs: number,
  nowMs: number,
  retentionMs: number,
): number {
  const expired = store
    .offsets(group)
    .filter(({ committedAtMs }) => Math.max(emptySinceMs, committedAtMs) + retentionMs <= nowMs)
    .filter(({ topic, partition }) => !store.isUnstable(group, topic, partition));
  store.forget(group, expired);
  return expired.length;
}
