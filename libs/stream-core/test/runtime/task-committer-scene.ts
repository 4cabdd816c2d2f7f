import { ActiveTask } from '../../src/runtime/active-task.ts';
import { StreamsCounters } from '../../src/runtime/streams-metrics.ts';
import { TaskCommitter } from '../../src/runtime/task-committer.ts';
import { asStreamTask, FakeTask, silent } from './runtime-fakes.ts';

/** A committer whose producer and group answer when the test lets them. */
export function setUp({
  intervalMs = 0,
  timeoutMs = 60_000,
  maxRecords = 1_000,
  maxBytes = 1_000,
  guarantee = 'alos',
} = {}) {
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
