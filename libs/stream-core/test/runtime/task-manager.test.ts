import { describe, expect, test } from '@jest/globals';
import { encodeAssignment as encodeConsumerAssignment } from '../../src/kafka/consumer-protocol.ts';
import { encodeAssignment } from '../../src/runtime/assignment/member-user-data.ts';
import { formatTaskId, parseTaskId } from '../../src/runtime/assignment/task-id.ts';
import { ChangeSignal } from '../../src/runtime/change-signal.ts';
import type { ChangelogRestore } from '../../src/runtime/restore/store-changelog-reader.ts';
import { StreamsCounters } from '../../src/runtime/streams-metrics.ts';
import { TaskManager } from '../../src/runtime/task-manager.ts';
import type { OffsetAndMetadata } from '../../src/kafka/types.ts';
import { asStreamTask, eventually, FakeTask, silent } from './runtime-fakes.ts';

const NO_STANDBYS = { standbys: [], warmups: [] };

/** A manager in a group that the test leads; `log` has what reached the outside, in order. */
class Scene {
  readonly log: string[] = [];
  readonly fakes = new Map<string, FakeTask>();
  readonly errors: unknown[] = [];
  readonly counters = new StreamsCounters();
  readonly restores: { readonly what: readonly ChangelogRestore[]; readonly done: () => void }[] = [];
  committed: OffsetAndMetadata | undefined;
  commitEnds: Promise<void> = Promise.resolve();
  onCommit: () => Promise<void> = () => this.commitEnds;
  withChangelog = false;
  sourceChangelog = false;
  private generation = 0;
  readonly manager = new TaskManager({
    processId: 'me',
    applicationServer: 'http://me',
    client: {
      listOffsets: (partitions, at) =>
        Promise.resolve(
          partitions.map((partition) => ({ ...partition, offset: at === 'latest' ? 100 : 7, timestamp: -1 })),
        ),
    },
    fetcher: {
      add: (starts) =>
        this.log.push(...starts.map(({ topic, partition, offset }) => `fetch ${topic}/${partition} from ${offset}`)),
      remove: (partitions) => this.log.push(...partitions.map(({ topic, partition }) => `stop ${topic}/${partition}`)),
    },
    committed: (partitions) => Promise.resolve(partitions.map(() => this.committed)),
    requestRejoin: () => this.log.push('rejoin'),
    abort: () => {
      this.log.push('abort');
      return Promise.resolve();
    },
    fence: undefined,
    committer: {
      commit: (tasks) => {
        this.log.push(`commit ${tasks.map(({ name }) => name).join(' ')}`);
        return this.onCommit();
      },
    },
    begin: (_, committed) =>
      Promise.resolve({ state: 'changelog', offsets: committed, tail: new Map(), marker: undefined }),
    changelogs: {
      restore: (what, signal) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
          this.restores.push({ what, done: () => resolve(what.map(() => 100)) });
        }),
    },
    codecs: { ready: () => Promise.resolve() },
    createTask: (id) => {
      const fake = new FakeTask('beats', id.partition);
      this.fakes.set(formatTaskId(id), fake);
      if (this.withChangelog) {
        const plan = { name: 'counts', isSourceChangelog: this.sourceChangelog };
        const topic = this.sourceChangelog ? 'beats' : 'app-counts-changelog';
        (fake.changelogs as unknown[]).push({ topic, partition: id.partition, plan });
      }
      return asStreamTask(fake);
    },
    inputsOf: ({ partition }) => [{ topic: 'beats', partition }],
    startOffsets: { offsetReset: 'earliest', offsetResets: new Map(), now: () => 0 },
    changes: new ChangeSignal(),
    wake: () => {},
    onStateChange: (state) => this.log.push(state),
    onError: (error) => this.errors.push(error),
    counters: this.counters,
    logger: silent,
  });

  /** Gives this instance `mine` and another one `others`, and waits until nothing more happens at once. */
  async assign(mine: readonly string[], others: readonly string[] = [], address = 'http://me'): Promise<void> {
    this.generation++;
    const userData = encodeAssignment({
      followUp: false,
      instances: [
        { processId: 'other', applicationServer: 'http://other', tasks: others.map(parseTaskId), ...NO_STANDBYS },
        { processId: 'me', applicationServer: address, tasks: mine.map(parseTaskId), ...NO_STANDBYS },
      ],
    });
    const assignment = encodeConsumerAssignment({ partitions: [], userData });
    await this.manager.onAssigned(assignment, { memberId: 'm', generation: this.generation, leader: false });
    const { all } = this.manager;
    if (!this.withChangelog) await eventually(() => all.every(({ state }) => state === 'RUNNING'), 'all tasks run');
  }

  states(): Record<string, string> {
    return Object.fromEntries(this.manager.all.map(({ name, state }) => [name, state]));
  }

  takeLog(): string[] {
    return this.log.splice(0);
  }
}

describe('tasks across rebalances', () => {
  test('an assigned task starts at its committed offset, with its metadata', async () => {
    const scene = new Scene();
    scene.committed = { offset: 42, metadata: 'time' };
    await scene.assign(['0_1']);
    expect(scene.fakes.get('0_1')?.events).toEqual(['initialize at 42']);
    expect(scene.takeLog()).toEqual(['fetch beats/1 from 42', 'RUNNING']);
  });

  test('without a committed offset it starts where the reset policy says', async () => {
    const scene = new Scene();
    await scene.assign(['0_1']);
    expect(scene.takeLog()).toEqual(['fetch beats/1 from 7', 'RUNNING']);
  });

  test('a task that stays is not touched by a rebalance', async () => {
    const scene = new Scene();
    await scene.assign(['0_0', '0_1']);
    const staying = scene.manager.get(parseTaskId('0_0'));
    scene.takeLog();
    await scene.manager.onRevoked();
    expect(scene.takeLog()).toEqual(['REBALANCING', 'commit 0_0 0_1']);
    await scene.assign(['0_0', '0_1']);
    expect(scene.manager.get(parseTaskId('0_0'))).toBe(staying);
    expect(scene.takeLog()).toEqual(['RUNNING']);
    expect(scene.counters.tasksCreated).toBe(2);
  });

  test('a task that moves is committed, then closed, and then the group is told', async () => {
    const scene = new Scene();
    await scene.assign(['0_0', '0_1']);
    await scene.manager.onRevoked();
    scene.takeLog();
    await scene.assign(['0_0']);
    expect(scene.takeLog()).toEqual(['commit 0_1', 'stop beats/1', 'RUNNING', 'rejoin']);
    expect(scene.fakes.get('0_1')?.events.at(-1)).toBe('close');
    expect(scene.manager.owned()).toEqual({ owned: [parseTaskId('0_0')], generation: 2 });
  });

  test('lost tasks are closed without a commit and claimed no more', async () => {
    const scene = new Scene();
    await scene.assign(['0_0', '0_1']);
    scene.takeLog();
    await scene.manager.onLost(new Error('session over'));
    expect(scene.takeLog()).toEqual(['REBALANCING', 'stop beats/0', 'stop beats/1', 'abort']);
    expect(scene.manager.owned()).toEqual({ owned: [], generation: -1 });
  });

  test('a task restores its changelog before it runs; the state is RUNNING when the last one does', async () => {
    const scene = new Scene();
    scene.withChangelog = true;
    await scene.assign(['0_0', '0_1']);
    await eventually(() => scene.restores.length === 2, 'both restores');
    expect(scene.states()).toEqual({ '0_0': 'RESTORING', '0_1': 'RESTORING' });
    expect(scene.restores[1]?.what).toMatchObject([
      { topic: 'app-counts-changelog', partition: 1, store: 'counts', task: '0_1', limitOffset: undefined },
    ]);
    scene.restores[0]?.what[0]?.take(Buffer.from('a'), Buffer.from('1'), 0, 0);
    scene.restores[0]?.done();
    await eventually(() => scene.states()['0_0'] === 'RUNNING', 'the first one runs');
    expect(scene.fakes.get('0_0')?.events).toEqual(['restore a=1', 'initialize at 7']);
    expect(scene.takeLog()).toEqual(['fetch beats/0 from 7']);
    scene.restores[1]?.done();
    await eventually(() => scene.log.includes('RUNNING'), 'all run');
  });

  test('a source topic that serves as changelog is restored up to the committed offset only', async () => {
    const scene = new Scene();
    scene.withChangelog = true;
    scene.sourceChangelog = true;
    scene.committed = { offset: 42 };
    await scene.assign(['0_0']);
    await eventually(() => scene.restores.length === 1, 'the restore');
    expect(scene.restores[0]?.what[0]?.limitOffset).toBe(42);
  });

  test('a task that is taken away while it restores ends quietly', async () => {
    const scene = new Scene();
    scene.withChangelog = true;
    await scene.assign(['0_0']);
    await eventually(() => scene.restores.length === 1, 'the restore');
    await scene.manager.onLost(new Error('session over'));
    await scene.assign([]);
    expect(scene.errors).toEqual([]);
    expect(scene.fakes.get('0_0')?.events).toEqual(['close']);
  });

  test('a task that is given away while it restores does not run in the time of the last commit', async () => {
    const scene = new Scene();
    scene.withChangelog = true;
    await scene.assign(['0_0', '0_1']);
    await eventually(() => scene.restores.length === 2, 'both restores');
    scene.restores[0]?.done();
    await eventually(() => scene.states()['0_0'] === 'RUNNING', 'the first one runs');
    const commit = Promise.withResolvers<void>();
    scene.commitEnds = commit.promise;
    const assigned = scene.assign([]);
    await eventually(() => scene.log.some((line) => line.startsWith('commit')), 'the commit');
    expect(scene.states()).toEqual({ '0_0': 'SUSPENDED' });
    commit.resolve();
    await assigned;
    expect(scene.fakes.get('0_1')?.events).toEqual(['close']);
    expect(scene.takeLog()).toContain('commit 0_0');
  });

  test('a transaction that fails does not bring back a task that was given away while it restored', async () => {
    const scene = new Scene();
    scene.withChangelog = true;
    await scene.assign(['0_0', '0_1']);
    await eventually(() => scene.restores.length === 2, 'both restores');
    scene.restores[0]?.done();
    await eventually(() => scene.states()['0_0'] === 'RUNNING', 'the first one runs');
    scene.onCommit = () => scene.manager.takeBack(new Error('refused'));
    await scene.assign([]);
    expect([scene.states(), scene.counters.tasksCreated]).toEqual([{}, 2]);
  });

  test('a transaction that fails after the end is not taken back: it would begin another one', async () => {
    const scene = new Scene();
    await scene.assign(['0_0']);
    scene.manager.closeAll();
    scene.takeLog();
    await scene.manager.takeBack(new Error('refused'));
    expect([scene.takeLog(), scene.manager.all]).toEqual([[], []]);
  });

  test('makes no task when the application was closed while an assignment waited for a commit', async () => {
    const scene = new Scene();
    await scene.assign(['0_0']);
    scene.takeLog();
    const commit = Promise.withResolvers<void>();
    scene.commitEnds = commit.promise;
    const assigned = scene.assign(['0_1']);
    await eventually(() => scene.log.includes('commit 0_0'), 'the commit');
    scene.manager.closeAll();
    commit.resolve();
    await assigned;
    expect([scene.manager.all, scene.counters.tasksCreated]).toEqual([[], 1]);
    expect(scene.takeLog()).toEqual(['commit 0_0', 'stop beats/0']);
  });

  test('a restore that fails ends the application', async () => {
    const scene = new Scene();
    scene.withChangelog = true;
    await scene.assign(['0_0']);
    await eventually(() => scene.restores.length === 1, 'the restore');
    scene.fakes.get('0_0')!.initialize = () => {
      throw new Error('init failed');
    };
    scene.restores[0]?.done();
    await eventually(() => scene.errors.length === 1, 'the error');
    expect(scene.errors).toEqual([new Error('init failed')]);
  });

  test('a static member that comes back at another address tells the group', async () => {
    const scene = new Scene();
    await scene.assign(['0_0'], [], 'http://predecessor');
    expect(scene.takeLog()).toContain('rejoin');
    await scene.assign(['0_0']);
    expect(scene.takeLog()).not.toContain('rejoin');
  });

  test('every instance knows who owns what', async () => {
    const scene = new Scene();
    await scene.assign(['0_0'], ['0_1']);
    expect(
      scene.manager.instances.map(({ applicationServer, tasks }) => [applicationServer, tasks.map(formatTaskId)]),
    ).toEqual([
      ['http://other', ['0_1']],
      ['http://me', ['0_0']],
    ]);
  });
});
