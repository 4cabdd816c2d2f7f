import { expect, test } from '@jest/globals';
import type { Checkpoint } from '../../../src/runtime/storage/checkpoint.ts';
import type { TaskStorage } from '../../../src/runtime/storage/state-backend.ts';
import { TaskDurability } from '../../../src/runtime/storage/task-durability.ts';
import type { ChangelogPartition } from '../../../src/runtime/task/task-stores.ts';

test('a restore that was broken off every few seconds began at the same offset each time', async () => {
  const commits: Checkpoint[] = [];
  const storage: Partial<TaskStorage> = {
    isDurable: true,
    uncommittedBytes: 100,
    seal: () => undefined,
    commit: (checkpoint) => {
      commits.push(checkpoint);
      return Promise.resolve();
    },
  };
  let nowMs = 5_000;
  const plan = { name: 'counts', builder: { retentionMs: 60_000 } } as Partial<ChangelogPartition['plan']>;
  const changelog = { topic: 'changelog', partition: 0, plan } as Partial<ChangelogPartition>;
  const durability = new TaskDurability(storage as TaskStorage, [changelog as ChangelogPartition], {
    clock: () => nowMs,
  });
  expect(durability.restored('counts', 10)).toBeUndefined();
  nowMs += 999;
  expect(durability.restored('counts', 20)).toBeUndefined();
  nowMs += 1;
  await durability.restored('counts', 30);
  expect(commits.map(({ changelogs, inputs, retentions }) => ({ changelogs, inputs, retentions }))).toEqual([
    { changelogs: { counts: 30 }, inputs: [], retentions: { counts: 60_000 } },
  ]);
  expect(durability.restored('counts', 40)).toBeUndefined();
});
