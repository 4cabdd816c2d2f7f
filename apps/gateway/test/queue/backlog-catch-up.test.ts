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
  /** Default: longer than a test takes. */
  readonly maxHoldMs?: number;
  /** Default: all. */
  readonly maxHeld?: number;
}

/** Begins to empty a queue of `waiting` records, numbered from 0. */
async function begin(
  waiting: number,
  { deliver, onRound, maxHoldMs = 600_000, maxHeld = Infinity }: Events,
): Promise<Run & { readonly stop: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'playhead-catch-up-'));
  const queue = await DiskQueue.open({ directory, maxBytes: 100_000_000 });
  await Promise.all(upTo(waiting - 1).map((number) => queue.put(recordOf(number))));
  const taken: number[] = [];
  const errors: Error[] = [];
  let round = 0;
  const backlog: Backlog = new Backlog({
    queue,
    maxHeld,
    maxHoldMs,
    deliver: async ({ value }) => {
      const outcome = (await deliver?.({ backlog, taken }, round)) ?? 'delivered';
      if (outcome === 'delivered') taken.push((value as { readonly number: number }).number);
      return outcome;
    },
    onReleased: () => {
      round++;
      onRound?.({ backlog, taken }, round);
    },
    onError: (error) => errors.push(error),
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const stop = async (): Promise<void> => {
    await backlog.close();
    await rm(directory, { recursive: true });
    expect(errors).toEqual([]);
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

const isSettled = (promise: Promise<unknown>): Promise<boolean> => {
  const no = Symbol('not settled');
  return Promise.race([promise, new Promise((resolve) => setImmediate(resolve, no))]).then((first) => first !== no);
};

/**
 * A queue of which one chunk is delivered and the last one waits for its outcome; a record that came meanwhile. `direct`
 * is called when that record goes to Kafka.
 */
async function holding(events: Events, direct: () => void) {
  const { promise: outcome, resolve: answer } = Promise.withResolvers<Delivery>();
  const { promise: held, resolve: isHeld } = Promise.withResolvers<{ readonly outcome: Promise<unknown> }>();
  const waiting = 2 * CHUNK - 10;
  let inLastRound = 0;
  const run = await begin(waiting, {
    ...events,
    deliver: async ({ backlog }, round) => {
      if (round !== 1) return 'delivered';
      if (inLastRound++ === 0) isHeld({ outcome: backlog.put(recordOf(waiting), async () => direct()) });
      return outcome;
    },
  });
  return { ...run, waiting, answer, held: (await held).outcome };
}

test('what is held goes to the disk, behind the last of the queue, when Kafka does not take those', async () => {
  let directly = 0;
  const { backlog, taken, waiting, answer, held, stop } = await holding({}, () => directly++);
  expect(await isSettled(held)).toBe(false);
  expect(backlog.held).toBe(1);
  answer('again');
  expect(await held).toBeUndefined();
  while (backlog.isEngaged) await new Promise(setImmediate);
  expect(taken).toEqual(upTo(waiting + 1));
  expect(directly).toBe(0);
  await stop();
});

test('what is held goes to the disk when Kafka leaves the last of the queue without an answer', async () => {
  let directly = 0;
  const { answer, held, stop } = await holding({ maxHoldMs: 1 }, () => directly++);
  expect(await held).toBeUndefined();
  expect(directly).toBe(0);
  answer('delivered');
  await stop();
});

test('of more than may be held all go to the disk, in their order', async () => {
  const { backlog, taken, waiting, answer, held, stop } = await holding({ maxHeld: 2 }, () => undefined);
  const more = [1, 2].map((n) => backlog.put(recordOf(waiting + n), () => Promise.reject(new Error('not directly'))));
  expect(await Promise.all([held, ...more])).toEqual([undefined, undefined, undefined]);
  answer('delivered');
  while (backlog.isEngaged) await new Promise(setImmediate);
  expect(taken).toEqual(upTo(waiting + 3));
  await stop();
});

test('what is held goes to the disk when the gateway stops', async () => {
  let directly = 0;
  const { answer, held, stop } = await holding({}, () => directly++);
  const stopped = stop();
  expect(await held).toBeUndefined();
  expect(directly).toBe(0);
  answer('again');
  await stopped;
});

test('records that were held waited for ever behind one whose way to Kafka failed', async () => {
  const { backlog, waiting, answer, held, stop } = await holding({}, () => {
    throw new Error('no key');
  });
  const behind = backlog.put(recordOf(waiting + 1), async () => 'sent');
  answer('delivered');
  await expect(held).rejects.toThrow('no key');
  expect(await behind).toBe('sent');
  await stop();
});

test('a record that could not be delivered at all stopped the event loop', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'playhead-catch-up-'));
  const queue = await DiskQueue.open({ directory, maxBytes: 1_000_000 });
  const { promise: failure, resolve: onError } = Promise.withResolvers<Error>();
  const backlog = new Backlog({
    queue,
    maxHeld: 1,
    deliver: () => Promise.reject(new Error('a defect')),
    onReleased: () => undefined,
    onError,
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  await backlog.put(recordOf(0), async () => undefined);
  expect((await failure).message).toBe('a defect');
  await expect(backlog.put(recordOf(1), async () => undefined)).rejects.toThrow('a defect');
  expect(backlog.isEngaged).toBe(true);
  await backlog.close();
  await rm(directory, { recursive: true });
});
