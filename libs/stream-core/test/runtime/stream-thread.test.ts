import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually, type FakeTask } from './runtime-fakes.ts';
import { batch, Scene } from './stream-thread-scene.ts';

/** Makes each record take virtual time, and asks whether to stop as seldom as a task does. */
function takesTime(fake: FakeTask, spend: (next: number) => void): void {
  fake.process = (maxRecords, shouldStop) => {
    let count = 0;
    while (fake.queued > 0 && count < maxRecords) {
      spend(fake.next);
      fake.queued--;
      fake.next++;
      count++;
      if (count % 64 === 0 && shouldStop?.() === true) break;
    }
    return count;
  };
}

let scene: Scene;
afterEach(() => scene.thread.stop());

describe('the loop', () => {
  test('brings fetched records to their tasks and wakes questions that waited for them', async () => {
    scene = new Scene();
    const never = new AbortController().signal;
    const reached = scene.tasks[1]?.progress.reached({ topic: 'beats', partition: 1, offset: 2 }, never);
    scene.feed(batch(0, 0, 2), batch(1, 0, 3));
    await reached;
    await eventually(() => scene.counters.processedRecords === 5, 'all five');
    expect(scene.fakes.map(({ next }) => next)).toEqual([2, 3]);
  });

  test('gives the event loop back while there is much to do', async () => {
    scene = new Scene();
    let turns = 0;
    const count = (): void => {
      turns++;
      if (scene.fakes[0].queued > 0) setImmediate(count);
    };
    scene.feed(batch(0, 0, 100_000));
    await eventually(() => scene.fakes[0].next > 0, 'the first slice');
    setImmediate(count);
    await eventually(() => scene.fakes[0].queued === 0, 'all slices', 30_000);
    expect(turns).toBeGreaterThan(2);
  });

  test.each([
    ['fast', 0.001, 200_000],
    ['slow', 0.3, 2_000],
    ['very slow', 4, 200],
  ])('has no turn of more than 10 ms while records are %s (%d ms each)', async (_how, msPerRecord, records) => {
    scene = new Scene({ virtualTime: true, sliceMs: 5 });
    for (const fake of scene.fakes) takesTime(fake, () => (scene.monotonicMs += msPerRecord));
    scene.feed(batch(0, 0, records), batch(1, 0, records));
    await eventually(() => scene.fakes.every(({ next }) => next === records), 'all records');
    scene.thread.wake();
    expect(scene.sliceMs.length).toBeGreaterThan((records * msPerRecord * 2) / 10);
    expect(Math.max(...scene.sliceMs)).toBeLessThanOrEqual(10);
  });

  test('what others did in a turn of the event loop came on top of a whole slice', async () => {
    scene = new Scene({ virtualTime: true, sliceMs: 5 });
    takesTime(scene.fakes[0], () => (scene.monotonicMs += 0.001));
    let others: NodeJS.Immediate;
    const work = (): void => {
      scene.monotonicMs += 6;
      others = setImmediate(work);
    };
    others = setImmediate(work);
    scene.feed(batch(0, 0, 100_000));
    await eventually(() => scene.fakes[0].next === 100_000, 'all records');
    clearImmediate(others);
    scene.thread.wake();
    expect(scene.sliceMs.filter((ms) => ms > 10)).toEqual([]);
  });

  test('a whole slice came in a turn in which a storage is handed its changes', async () => {
    scene = new Scene({ virtualTime: true, sliceMs: 5, isHandingOver: true });
    takesTime(scene.fakes[0], () => (scene.monotonicMs += 0.001));
    scene.feed(batch(0, 0, 50_000));
    await eventually(() => scene.fakes[0].next === 50_000, 'all records');
    scene.thread.wake();
    expect(Math.max(...scene.sliceMs)).toBeLessThan(2);
  });

  test('records that become slow make at most two turns longer', async () => {
    scene = new Scene({ virtualTime: true, sliceMs: 5 });
    takesTime(scene.fakes[0], (next) => (scene.monotonicMs += next < 50_000 ? 0.001 : 1));
    scene.feed(batch(0, 0, 50_200));
    await eventually(() => scene.fakes[0].next === 50_200, 'all records');
    scene.thread.wake();
    expect(scene.sliceMs.filter((ms) => ms > 10).length).toBeLessThanOrEqual(2);
  });

  test('processes and punctuates nothing while it is paused, takes no more than it has, commits what is done, and goes on', async () => {
    scene = new Scene();
    scene.feed(batch(0, 0, 2));
    await eventually(() => scene.fakes[0].next === 2, 'two records');
    scene.paused = true;
    const commits = scene.log.filter((line) => line === 'commit').length;
    scene.fakes[0].commitNeeded = true;
    scene.fakes[1].punctuationMs = 0;
    scene.feed(batch(0, 2, 3));
    scene.thread.wake();
    await eventually(() => scene.log.filter((line) => line === 'commit').length > commits, 'the commit');
    expect([scene.fakes[0].next, scene.arrived.length, scene.counters.punctuations]).toEqual([2, 1, 0]);
    scene.paused = false;
    scene.thread.wake();
    await eventually(() => scene.fakes[0].next === 5 && scene.counters.punctuations === 1, 'the rest');
  });

  test('a task that waits for a codec does not hold up the other, and goes on by itself', async () => {
    scene = new Scene();
    let ready: () => void = () => {};
    scene.fakes[0].pending = new Promise((resolve) => {
      ready = resolve;
    });
    scene.feed(batch(0, 0, 2), batch(1, 0, 2));
    await eventually(() => scene.fakes[1].next === 2, 'the other task');
    expect(scene.fakes[0].next).toBe(0);
    scene.fakes[0].pending = undefined;
    ready();
    await eventually(() => scene.fakes[0].next === 2, 'the waiting task');
  });

  test('pauses a partition of which too much waits and resumes it when that is processed', async () => {
    scene = new Scene();
    scene.fakes[0].pending = new Promise(() => {});
    scene.feed(batch(0, 0, 5, 8 * 1024 * 1024));
    await eventually(() => scene.log.includes('pause'), 'the pause');
    expect(scene.log).not.toContain('resume');
    scene.fakes[0].pending = undefined;
    scene.thread.wake();
    await eventually(() => scene.log.includes('resume'), 'the resumption');
  });

  test('takes nothing more while the tasks hold all that they may', async () => {
    scene = new Scene({ maxBufferedBytes: 100 });
    scene.fakes[0].pending = new Promise(() => {});
    scene.feed(batch(0, 0, 1, 100));
    await eventually(() => scene.fakes[0].queued === 1, 'the first batch');
    scene.feed(batch(1, 0, 1, 100));
    scene.thread.wake();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    expect(scene.arrived).toHaveLength(1);
    scene.fakes[0].pending = undefined;
    scene.thread.wake();
    await eventually(() => scene.fakes[1].next === 1, 'the second batch');
  });

  test('stops although the producer stays full', async () => {
    scene = new Scene();
    scene.collector.full = true;
    scene.feed(batch(0, 0, 2));
    await eventually(() => scene.log.includes('wait for the producer'), 'the wait');
    await scene.thread.stop();
    expect(scene.errors).toEqual([]);
  });

  test('processes nothing while the producer is full', async () => {
    scene = new Scene();
    scene.collector.full = true;
    scene.feed(batch(0, 0, 5));
    await eventually(() => scene.log.includes('wait for the producer'), 'back-pressure');
    const before = scene.fakes[0].next;
    expect(before).toBeLessThan(5);
    scene.drain();
    await eventually(() => scene.fakes[0].next === 5, 'the rest');
  });

  test('calls punctuators when they are due, also without records', async () => {
    scene = new Scene();
    scene.fakes[1].punctuationMs = 1_500;
    scene.thread.wake();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    expect(scene.counters.punctuations).toBe(0);
    scene.now = 1_500;
    scene.thread.wake();
    await eventually(() => scene.counters.punctuations === 1, 'the punctuator');
    expect(scene.fakes[1].events).toEqual(['punctuate']);
  });

  test('commits after records were processed and not before', async () => {
    scene = new Scene();
    scene.thread.wake();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    expect(scene.log).not.toContain('commit');
    scene.feed(batch(0, 0, 1));
    await eventually(() => scene.log.includes('commit'), 'the commit');
  });

  test('says once when a task has reached the end that its log had at the start', async () => {
    scene = new Scene({ ends: new Map([['beats', 3]]) });
    scene.feed(batch(0, 0, 2));
    await eventually(() => scene.fakes[0].next === 2, 'two records');
    expect(scene.tasks[0]?.caughtUp).toBe(false);
    scene.feed(batch(0, 2, 3));
    await eventually(() => scene.tasks[0]?.caughtUp === true, 'the end');
    scene.feed(batch(0, 5, 3));
    await eventually(() => scene.fakes[0].next === 8, 'more records');
    expect(scene.log.filter((line) => line.endsWith('caught up'))).toEqual(['0_0 caught up']);
  });

  test('an error of a task ends it and is reported once', async () => {
    scene = new Scene();
    scene.fakes[0].failWith = new Error('poisoned');
    scene.feed(batch(0, 0, 1));
    await eventually(() => scene.errors.length > 0, 'the error');
    expect(scene.errors).toEqual([new Error('poisoned')]);
  });

  test('a punctuator that is due while its task waits for storage kept the loop awake', async () => {
    scene = new Scene();
    const [fake] = scene.fakes;
    Object.defineProperty(fake.durability, 'mustWait', { value: true });
    fake.punctuationMs = scene.now;
    const before = scene.sleepsMs.length;
    scene.thread.wake();
    await eventually(() => scene.sleepsMs.length > before, 'the next sleep');
    expect(scene.sleepsMs.at(-1)).toBeGreaterThan(1);
  });
});
