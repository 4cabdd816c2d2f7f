import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Backlog } from '../../src/queue/backlog.ts';
import type { Delivery } from '../../src/queue/backlog.ts';
import { DiskQueue } from '../../src/queue/disk-queue.ts';

/** Records of `recordOf` in a chunk of 256 KiB. */
const CHUNK = 250;

interface Run {
  readonly backlog: Backlog;
  /** Of records that Kafka took and of those that followed directly, in the order in which they were given to it. */
  readonly taken: number[];
}

interface Events {
  /** What comes of a record; default: delivered. */
  readonly deliver?: (run: Run, round: number) => Promise<Delivery>;
  /** After a round of deliveries, which are counted from 1. */
  readonly onRound?: (run: Run, round: number) => void;
}

/** Begins to empty a queue of `waiting` records, numbered from 0. */
async function begin(
  waiting: number,
  { deliver, onRound }: Events,
): Promise<Run & { readonly stop: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'playhead-catch-up-'));
  const queue = await DiskQueue.open({ directory, maxBytes: 100_000_000 });
  await Promise.all(upTo(waiting - 1).map((number) => queue.put(recordOf(number))));
  const taken: number[] = [];
  let round = 0;
  const backlog: Backlog = new Backlog({
    queue,
    deliver: async ({ value }) => {
      const outcome = (await deliver?.({ backlog, taken }, round)) ?? 'delivered';
      if (outcome === 'delivered') taken.push((value as { readonly number: number }).number);
      return outcome;
    },
    onReleased: () => {
      round++;
      onRound?.({ backlog, taken }, round);
    },
    onError: (error) => {
      throw error;
    },
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const stop = async (): Promise<void> => {
    await backlog.close();
    await rm(directory, { recursive: true });
  };
  void backlog.put(recordOf(waiting - 1), async () => undefined);
  return { backlog, taken, stop };
}

const recordOf = (number: number) => ({ kind: 'heartbeat', value: { number, text: 'x'.repeat(1000) } });
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

test.each([
  ['fewer', CHUNK / 5],
  ['more', CHUNK * 1.2],
])(
  'a queue was hardly ever empty while records went on coming: %s in a round than are delivered in one',
  async (_, comeInARound) => {
    const waiting = 3000;
    let next = waiting;
    let lastRound = 0;
    const put = ({ backlog, taken }: Run): void => {
      const number = next++;
      void backlog.put(recordOf(number), async () => void taken.push(number));
    };
    const { backlog, taken, stop } = await begin(waiting, {
      onRound: (run, round) => {
        lastRound = round;
        if (round < 100) for (let n = 0; n < comeInARound; n++) put(run);
      },
    });
    while (backlog.isEngaged) await new Promise(setImmediate);
    expect(lastRound).toBeLessThan(100);
    expect(taken).toEqual(upTo(next));
    await stop();
  },
);

test('what was held for the last of the queue goes to the disk, in its order, when Kafka does not take the last', async () => {
  const waiting = 2 * CHUNK - 10;
  let next = waiting;
  let directly = 0;
  const held: Promise<unknown>[] = [];
  const { backlog, taken, stop } = await begin(waiting, {
    deliver: async ({ backlog: current }, round) => {
      if (round === 1 && held.length < 3) held.push(current.put(recordOf(next++), async () => void directly++));
      return round === 0 || round > 3 ? 'delivered' : 'again';
    },
  });
  while (backlog.isEngaged) await new Promise(setImmediate);
  expect(await Promise.all(held)).toEqual([undefined, undefined, undefined]);
  expect(taken).toEqual(upTo(next));
  expect(directly).toBe(0);
  await stop();
});

test('what is held goes to the disk when the gateway stops', async () => {
  const { promise: unanswered, resolve: answer } = Promise.withResolvers<Delivery>();
  const { promise: held, resolve: isHeld } = Promise.withResolvers<{ readonly outcome: Promise<unknown> }>();
  let unansweredRecords = 0;
  const { stop } = await begin(2 * CHUNK - 10, {
    deliver: async ({ backlog }, round) => {
      if (round === 0) return 'delivered';
      const direct = () => Promise.reject(new Error('it went to Kafka while the gateway stopped'));
      if (unansweredRecords++ === 0) isHeld({ outcome: backlog.put(recordOf(0), direct) });
      return unanswered;
    },
  });
  const { outcome } = await held;
  const stopped = stop();
  expect(await outcome).toBeUndefined();
  answer('again');
  await stopped;
});
