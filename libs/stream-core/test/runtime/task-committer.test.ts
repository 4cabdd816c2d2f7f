import { describe, expect, test } from '@jest/globals';
import { BrokerError } from '../../src/kafka/errors.ts';
import { ActiveTask } from '../../src/runtime/active-task.ts';
import { FencedStorageError } from '../../src/runtime/storage/state-backend.ts';
import { StreamsCounters } from '../../src/runtime/streams-metrics.ts';
import { TaskCommitter } from '../../src/runtime/task-committer.ts';
import { asStreamTask, eventually, FakeTask, silent } from './runtime-fakes.ts';

/** A committer whose producer and group answer when the test lets them. */
function setUp({ intervalMs = 0, timeoutMs = 60_000, maxRecords = 1_000, maxBytes = 1_000, guarantee = 'alos' } = {}) {
  const events: string[] = [];
  const counters = new StreamsCounters();
  const errors: unknown[] = [];
  const purged: number[] = [];
  let between = false;
  let acknowledge: () => void = () => {};
  let refuse: (error: Error) => void = () => {};
  let commitError: Error | undefined;
  const committer = new TaskCommitter({
    commitOutput: async (offsets, makeDurable) => {
      events.push('flush producer');
      await new Promise<void>((resolve, reject) => {
        refuse = reject;
        acknowledge = () => {
          events.push('acknowledged');
          resolve();
        };
      });
      await makeDurable();
      const due = offsets();
      if (due.length === 0) return;
      events.push(`commit ${due.map(({ topic, partition, offset }) => `${topic}/${partition}@${offset}`).join(' ')}`);
      if (commitError !== undefined) throw commitError;
    },
    transaction: guarantee.startsWith('eos')
      ? {
          allTasks: () => [active],
          confirmMembership: () => (guarantee === 'eos' ? Promise.resolve() : Promise.reject(new Error('replaced'))),
          takeBack: (error) => {
            events.push(`take back: ${(error as Error).name}`);
            return Promise.resolve();
          },
        }
      : undefined,
    canCommit: () => !between,
    onFenced: ({ name }) => events.push(`fenced ${name}`),
    onCommitted: (offsets) => purged.push(...offsets.map(({ offset }) => offset)),
    intervalMs,
    maxRecords,
    maxBytes,
    timeoutMs,
    onError: (error) => errors.push(error),
    counters,
    logger: silent,
  });
  const fake = new FakeTask();
  fake.events.push = (...what: string[]) => events.push(...what);
  const active = new ActiveTask({ subtopology: 0, partition: 0 }, asStreamTask(fake), fake.inputs);
  active.run(new Map([['beats', 0]]), new Map());
  return {
    events,
    errors,
    purged,
    counters,
    committer,
    fake,
    active,
    acknowledge: () => acknowledge(),
    refuseOutput: (error: Error) => refuse(error),
    failCommits: (error: Error | undefined) => {
      commitError = error;
    },
    betweenGenerations: (now: boolean) => {
      between = now;
    },
    processed: (offset: number) => {
      fake.next = offset;
      fake.commitNeeded = true;
    },
  };
}

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

  test.each([
    ['alos', 'fenced 0_0'],
    ['eos', 'take back: FencedStorageError'],
    ['eos of a zombie', 'acknowledged'],
  ])('a task whose state has another owner was never stored again: %s, %s', async (guarantee, expected) => {
    const { committer, active, processed, acknowledge, events, errors } = setUp({ guarantee });
    processed(1);
    active.task.durability.commit = () => Promise.reject(new FencedStorageError('0_0'));
    const commit = committer.commit([active]);
    acknowledge();
    await commit;
    expect([events.at(-1), errors]).toEqual([expected, []]);
    expect(events).not.toContain('commit beats/0@1');
  });

  test('a commit that Kafka could not take for the task timeout ends the application with the reason; what a rebalance refuses does not', async () => {
    const { committer, active, processed, acknowledge, failCommits, errors } = setUp({ timeoutMs: 1 });
    const commit = async (): Promise<void> => {
      processed(1);
      const done = committer.commit([active]);
      acknowledge();
      await done;
    };
    failCommits(new BrokerError('no member', { reason: 'UNKNOWN_MEMBER_ID', recovery: 'rejoin' }));
    await commit();
    expect(errors).toEqual([]);
    failCommits(new BrokerError('away', { reason: 'CONNECTION_LOST', recovery: 'refresh' }));
    for (let tries = 0; tries < 1_000 && errors.length === 0; tries++) await commit();
    expect(errors).toMatchObject([{ code: 'STREAMS_TIMEOUT', message: 'no commit within taskTimeoutMs (1): away' }]);
  });

  test('a commit that is tried again within the task timeout goes on', async () => {
    const { committer, active, processed, acknowledge, failCommits, errors, events } = setUp();
    failCommits(new BrokerError('away', { reason: 'CONNECTION_LOST', recovery: 'refresh' }));
    for (const error of [new BrokerError('away', { reason: 'CONNECTION_LOST', recovery: 'refresh' }), undefined]) {
      failCommits(error);
      processed(1);
      const done = committer.commit([active]);
      acknowledge();
      await done;
    }
    expect([errors, active.commitNeeded, events.at(-1)]).toEqual([[], false, 'commit beats/0@1']);
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

  test('that failed is owed and comes again', async () => {
    const { committer, active, events, counters, acknowledge, processed, failCommits } = setUp();
    failCommits(new Error('coordinator away'));
    processed(5);
    const first = committer.commit([active]);
    acknowledge();
    await first;
    expect([counters.commitFailures, counters.commit.count, active.commitNeeded]).toEqual([1, 0, true]);
    failCommits(undefined);
    const second = committer.commit([active]);
    acknowledge();
    await second;
    expect(events.filter((event) => event.startsWith('commit'))).toEqual(['commit beats/0@5', 'commit beats/0@5']);
    expect(active.commitNeeded).toBe(false);
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

  test('commits no offset when its output was not acknowledged in time', async () => {
    const { committer, active, events, purged, counters, processed, refuseOutput } = setUp();
    processed(5);
    const committed = committer.commit([active]);
    refuseOutput(new Error('DELIVERY_TIMED_OUT'));
    await committed;
    expect([events, purged]).toEqual([['flush stores', 'flush producer'], []]);
    expect([counters.commitFailures, active.commitNeeded, active.committing]).toEqual([1, true, false]);
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

  test('a store that cannot be flushed commits nothing and is reported', async () => {
    const { committer, active, fake, events, errors, processed } = setUp();
    processed(5);
    fake.prepareCommit = () => {
      throw new Error('disk full');
    };
    await committer.commit([active]);
    expect(events).toEqual([]);
    expect(errors).toEqual([new Error('disk full')]);
  });

  test('what a store lost when it could not be flushed is not passed over by a later commit', async () => {
    const { committer, active, fake, events, errors, processed } = setUp();
    processed(5);
    const { prepareCommit } = fake;
    fake.prepareCommit = () => {
      fake.prepareCommit = prepareCommit;
      throw new Error('disk full');
    };
    await committer.commit([active]);
    committer.commitWhenDue([active]);
    await committer.commit([active]);
    expect([events, errors]).toEqual([[], [new Error('disk full')]]);
  });
});
