import { describe, expect, test } from '@jest/globals';
import { MAX_WAITING_QUERIES, TaskProgress } from '../../../src/runtime/query/task-progress.ts';

const never = new AbortController().signal;
const bound = (offset: number, topic = 'beats', partition = 0) => ({ topic, partition, offset });

/** Collects the names of promises in the order in which they resolve. */
function recorder(): { order: string[]; note: (name: string, promise: Promise<void>) => Promise<void> } {
  const order: string[] = [];
  return {
    order,
    note: async (name, promise) => {
      try {
        await promise;
        order.push(name);
      } catch (error) {
        order.push(`${name}: ${(error as Error).message}`);
      }
    },
  };
}

describe('the progress of a task', () => {
  test('wakes those whose record has been processed, the smallest offset first, and leaves the others', async () => {
    const progress = new TaskProgress();
    const { order, note } = recorder();
    const all = [note('7', progress.reached(bound(7), never)), note('5', progress.reached(bound(5), never))];
    all.push(note('6', progress.reached(bound(6), never)));
    expect(progress.waiters).toBe(3);
    progress.advance('beats', 0, 7);
    expect(progress.waiters).toBe(1);
    await Promise.all(all.slice(1));
    expect(order).toEqual(['5', '6']);
    progress.advance('beats', 0, 8);
    await all[0];
    expect(order).toEqual(['5', '6', '7']);
  });

  test('answers at once what was processed before', async () => {
    const progress = new TaskProgress();
    progress.advance('beats', 0, 3);
    await expect(progress.reached(bound(2), never)).resolves.toBeUndefined();
    expect(progress.hasReached(bound(3))).toBe(false);
  });

  test('keeps the inputs apart and says how far each has been read', () => {
    const progress = new TaskProgress();
    progress.advance('beats', 0, 3);
    progress.advance('plans', 0, 1);
    progress.advance('beats', 0, 2);
    expect(progress.hasReached(bound(0, 'plans'))).toBe(true);
    expect(progress.hasReached(bound(1, 'plans'))).toBe(false);
    expect(progress.position()).toEqual([bound(2), bound(0, 'plans')]);
  });

  test('lets only so many wait', async () => {
    const progress = new TaskProgress();
    const waiting = Array.from({ length: MAX_WAITING_QUERIES }, (_, offset) => progress.reached(bound(offset), never));
    await expect(progress.reached(bound(0), never)).rejects.toMatchObject({ reason: 'NOT_AVAILABLE' });
    progress.advance('beats', 0, MAX_WAITING_QUERIES);
    await Promise.all(waiting);
    expect(progress.waiters).toBe(0);
  });

  test('forgets who gave up', async () => {
    const progress = new TaskProgress();
    const controller = new AbortController();
    const waiting = progress.reached(bound(5), controller.signal);
    controller.abort(new Error('too late'));
    await expect(waiting).rejects.toThrow('too late');
    expect(progress.waiters).toBe(0);
  });

  test('rejects everyone, also later, when the task leaves', async () => {
    const progress = new TaskProgress();
    const waiting = progress.reached(bound(5), never);
    progress.close(new Error('moved away'));
    await expect(waiting).rejects.toThrow('moved away');
    await expect(progress.reached(bound(9), never)).rejects.toThrow('moved away');
    expect(progress.waiters).toBe(0);
  });
});
