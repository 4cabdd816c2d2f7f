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

/** A restore into a storage that commits when the test lets it. */
function restoring() {
  const commits: number[] = [];
  let settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
  const storage = {
    isDurable: true,
    uncommittedBytes: 0,
    seal: () => undefined,
    commit: ({ changelogs }: Checkpoint) => {
      commits.push(changelogs['counts']!);
      return new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
    },
  };
  const plan = { name: 'counts', builder: {} } as Partial<ChangelogPartition['plan']>;
  const changelog = { topic: 'changelog', partition: 0, plan } as Partial<ChangelogPartition>;
  const durability = new TaskDurability(
    storage as Partial<TaskStorage> as TaskStorage,
    [changelog as ChangelogPartition],
    {
      clock: () => 5_000,
    },
  );
  /** With so much that is not committed. */
  const restored = (offset: number, kib: number): Promise<void> | undefined => {
    storage.uncommittedBytes = kib * 1024;
    return durability.restored('counts', offset);
  };
  return { commits, restored, settle: () => settle!, durability };
}

test('a changed history of versions was not seen, so what was stored was read with the wrong layout', () => {
  const plan = { name: 'prices', builder: { historyMs: 90_000 } } as Partial<ChangelogPartition['plan']>;
  const changelog = { topic: 'changelog', partition: 0, plan } as Partial<ChangelogPartition>;
  const { retentions } = new TaskDurability({} as TaskStorage, [changelog as ChangelogPartition], { clock: () => 0 });
  expect(retentions).toEqual({ prices: 90_000 });
});

test('what was restored was handed to the storage 4 MiB at a time, in one turn of the event loop, while the restore stood still', async () => {
  const { commits, restored, settle } = restoring();
  expect(restored(10, 500)).toBeUndefined();
  expect(restored(20, 512)).toBeUndefined();
  expect(restored(30, 4_000)).toBeUndefined();
  expect(commits).toEqual([20]);
  const wait = restored(40, 4_096);
  settle().resolve();
  await wait;
  expect(restored(50, 3_600)).toBeUndefined();
  expect(commits).toEqual([20, 50]);
});

test('a restore is told of a commit that failed although it did not wait for it', async () => {
  const { restored, settle, durability } = restoring();
  expect(restored(10, 600)).toBeUndefined();
  settle().reject(new Error('disk full'));
  await new Promise((resolve) => setImmediate(resolve));
  await expect(restored(20, 700)).rejects.toThrow('disk full');
  await expect(durability.begin([], new Map(), new Map())).rejects.toThrow('disk full');
});
