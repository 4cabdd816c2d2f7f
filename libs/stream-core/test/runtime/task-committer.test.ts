import { describe, expect, test } from '@jest/globals';
import { ActiveTask } from '../../src/runtime/active-task.ts';
import { asStreamTask, eventually, FakeTask } from './runtime-fakes.ts';
import { setUp } from './task-committer-scene.ts';

describe('a commit', () => {
  /** In which turn of the event loop each of the tasks' storages is handed its changes, of so many bytes, and whether the committer said that there are more to come. */
  async function handOver(bytes: readonly number[]): Promise<{ turns: number[]; isHandingOver: boolean[] }> {
    const { committer, acknowledge } = setUp();
    let turn = 0;
    let counting: NodeJS.Immediate;
    const count = (): void => {
      turn++;
      counting = setImmediate(count);
    };
    const turns: number[] = [];
    const isHandingOver: boolean[] = [];
    const tasks = bytes.map((uncommittedBytes, partition) => {
      const fake = new FakeTask('beats', partition);
      fake.commitNeeded = true;
      const active = new ActiveTask({ subtopology: 0, partition }, asStreamTask(fake), fake.inputs);
      active.run(new Map([['beats', 0]]), new Map());
      Object.assign(active.task.durability, {
        storage: { isDurable: true, uncommittedBytes },
        seal: (inputs: readonly unknown[]) => inputs,
        commit: () => {
          turns.push(turn);
          isHandingOver.push(committer.isHandingOver);
          return Promise.resolve();
        },
      });
      return active;
    });
    const commit = committer.commit(tasks);
    counting = setImmediate(count);
    acknowledge();
    await commit;
    clearImmediate(counting);
    const used = [...new Set(turns)];
    return { turns: turns.map((at) => used.indexOf(at)), isHandingOver };
  }

  test('storages were all handed their changes in one turn of the event loop', async () => {
    expect(await handOver([300_000, 300_000, 300_000])).toEqual({
      turns: [0, 1, 2],
      isHandingOver: [true, true, false],
    });
  });

  test('a hundred tasks with little to store took a hundred turns of the event loop', async () => {
    const { turns } = await handOver(Array.from({ length: 100 }, () => 1_000));
    expect(turns).toEqual(Array.from({ length: 100 }, (_, task) => Math.floor(task / 28)));
  });

  test('tasks share a turn of the event loop up to 256 KiB', async () => {
    const { turns } = await handOver([100_000, 100_000, 100_000, 1_000_000, 0, 0]);
    expect(turns).toEqual([0, 0, 1, 2, 3, 3]);
  });

  test('flushes stores, waits for the acknowledgement of all output, then commits the offsets of the flush', async () => {
    const { committer, active, events, purged, acknowledge, processed } = setUp();
    processed(5);
    const committed = committer.commit([active]);
    processed(9);
    acknowledge();
    await committed;
    expect(events).toEqual(['flush stores', 'flush producer', 'acknowledged', 'commit beats/0@5']);
    expect(active.commitNeeded).toBe(true);
    expect(purged).toEqual([5]);
  });

  test('begins before the interval is over when many records have been processed since the last one', async () => {
    const { committer, active, fake, events, acknowledge, processed } = setUp({ intervalMs: 3_600_000, maxRecords: 3 });
    processed(2);
    fake.uncommittedRecords = 2;
    committer.commitWhenDue([active]);
    expect(events).toEqual([]);
    fake.uncommittedRecords = 3;
    committer.commitWhenDue([active]);
    acknowledge();
    await committer.commit([]);
    expect(events).toContain('commit beats/0@2');
  });

  test('a task with 2 MiB to store was handed over in one turn of the event loop: a commit begins when it has 512 KiB', () => {
    const { committer, active, events, processed } = setUp({ intervalMs: 3_600_000, maxBytes: 2 ** 21 });
    const storage = { isDurable: true, uncommittedBytes: 512 * 1024 - 1 };
    Object.assign(active.task.durability, { storage });
    processed(2);
    committer.commitWhenDue([active]);
    expect(events).toEqual([]);
    storage.uncommittedBytes++;
    committer.commitWhenDue([active]);
    expect(events).toEqual(['flush stores', 'flush producer']);
  });

  test('does nothing when nothing was processed', async () => {
    const { committer, active, events } = setUp();
    await committer.commit([active]);
    expect(events).toEqual([]);
  });

  test('is started by the loop when the interval is over, one at a time', async () => {
    const { committer, active, events, acknowledge, processed } = setUp();
    processed(1);
    committer.commitWhenDue([active]);
    processed(2);
    committer.commitWhenDue([active]);
    expect(events).toEqual(['flush stores', 'flush producer']);
    acknowledge();
    await eventually(() => events.length === 4, 'the first commit');
    await committer.commit([]);
    committer.commitWhenDue([active]);
    expect(events.slice(4)).toEqual(['flush stores', 'flush producer']);
  });

  test('does not wait for the interval when a processor asked for it', () => {
    const { committer, active, fake, events, processed } = setUp({ intervalMs: 3_600_000 });
    processed(1);
    committer.commitWhenDue([active]);
    expect(events).toEqual([]);
    fake.commitRequested = true;
    committer.commitWhenDue([active]);
    expect(events).toEqual(['flush stores', 'flush producer']);
  });

  test('waits while the member is between two generations', () => {
    const { committer, active, events, processed, betweenGenerations } = setUp();
    processed(5);
    betweenGenerations(true);
    committer.commitWhenDue([active]);
    expect(events).toEqual([]);
    betweenGenerations(false);
    committer.commitWhenDue([active]);
    expect(events).toEqual(['flush stores', 'flush producer']);
  });

  test('does not keep the loop busy while one is under way or the member is between two generations', async () => {
    const { committer, active, acknowledge, processed, betweenGenerations } = setUp();
    processed(5);
    expect(committer.dueInMs()).toBe(0);
    const committed = committer.commit([active]);
    expect(committer.dueInMs()).toBe(20);
    acknowledge();
    await committed;
    betweenGenerations(true);
    expect(committer.dueInMs()).toBe(20);
  });

  test('leaves out tasks that have left', async () => {
    const { committer, active, events, processed } = setUp();
    processed(5);
    active.close();
    await committer.commit([active]);
    expect(events).toEqual(['close']);
  });

  test('leaves out a task that was lost while its output was written: its new owner may have committed more', async () => {
    const { committer, active, events, purged, acknowledge, processed } = setUp();
    processed(5);
    const committed = committer.commit([active]);
    active.close();
    acknowledge();
    await committed;
    expect([events, purged]).toEqual([['flush stores', 'flush producer', 'close', 'acknowledged'], []]);
  });
});
