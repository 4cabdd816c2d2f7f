import { encodeAssignment as encodeConsumerAssignment } from '../../src/kafka/consumer-protocol.ts';
import { encodeAssignment } from '../../src/runtime/assignment/member-user-data.ts';
import { formatTaskId, parseTaskId, type TaskId } from '../../src/runtime/assignment/task-id.ts';
import { ChangeSignal } from '../../src/runtime/change-signal.ts';
import type { ChangelogRestore } from '../../src/runtime/restore/store-changelog-reader.ts';
import { StandbyTasks } from '../../src/runtime/standby-tasks.ts';
import type { StreamTask } from '../../src/runtime/stream-task.ts';
import { StreamsCounters } from '../../src/runtime/streams-metrics.ts';
import { TaskManager } from '../../src/runtime/task-manager.ts';
import type { OffsetAndMetadata } from '../../src/kafka/types.ts';
import { asStreamTask, eventually, FakeTask, silent } from './runtime-fakes.ts';

const NO_STANDBYS = { standbys: [], warmups: [] };

/** What else is assigned. */
export interface AssignOptions {
  readonly address?: string;
  readonly standbys?: readonly string[];
  readonly warmups?: readonly string[];
  readonly followUp?: boolean;
}

/** A manager in a group that the test leads; `log` has what reached the outside, in order. */
export class Scene {
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
  /** Where the state of standbys ends (undefined: they are not followed yet), and what they lack. */
  standbyAt: number | undefined = 50;
  onStandbyBegin: () => Promise<ReadonlyMap<string, number>> = () => Promise.resolve(new Map());
  onCreate: () => void = () => {};
  onBegin: () => Promise<void> = () => Promise.resolve();
  confirmation: Promise<void> = Promise.resolve();
  readonly stored = new Map<string, number>();
  standbyLag: number | undefined = 99;
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
    isolation: 'read_committed',
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
    begin: async (_, { committed }) => {
      await this.onBegin();
      return { state: 'changelog', offsets: committed, tail: new Map(), marker: undefined };
    },
    confirmMembership: () => this.confirmation,
    expectRebalance: () => this.log.push('expect a rebalance'),
    acceptableRecoveryLag: 10,
    standbys: new StandbyTasks({
      isStateShared: false,
      feed: {
        follow: (changelogs) => {
          this.log.push(...changelogs.map(({ task, startOffset }) => `follow ${task} from ${startOffset}`));
          return Promise.resolve();
        },
        unfollow: (partitions) => partitions.map(() => this.standbyAt),
        position: () => this.standbyAt,
        lag: () => this.standbyLag,
      },
      createTask: (id) => this.createTask(id),
      begin: () => this.onStandbyBegin(),
      inputsOf: ({ partition }) => [{ topic: 'beats', partition }],
      codecs: { ready: () => Promise.resolve() },
      logger: silent,
    }),
    stored: this.stored,
    changelogs: {
      position: () => 33,
      restore: (what, signal) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
          this.restores.push({ what, done: () => resolve(what.map(() => 100)) });
        }),
    },
    codecs: { ready: () => Promise.resolve() },
    createTask: (id) => this.createTask(id),
    inputsOf: ({ partition }) => [{ topic: 'beats', partition }],
    startOffsets: { offsetReset: 'earliest', offsetResets: new Map(), now: () => 0 },
    changes: new ChangeSignal(),
    wake: () => {},
    onStateChange: (state) => this.log.push(state),
    onError: (error) => this.errors.push(error),
    counters: this.counters,
    logger: silent,
  });

  createTask(id: TaskId): StreamTask {
    this.onCreate();
    const fake = new FakeTask('beats', id.partition);
    this.fakes.set(formatTaskId(id), fake);
    if (this.withChangelog) {
      const plan = { name: 'counts', isSourceChangelog: this.sourceChangelog };
      const topic = this.sourceChangelog ? 'beats' : 'app-counts-changelog';
      (fake.changelogs as unknown[]).push({ topic, partition: id.partition, plan });
    }
    return asStreamTask(fake);
  }

  /** Gives this instance `mine` and another one `others`, and waits until nothing more happens at once. */
  async assign(
    mine: readonly string[],
    others: readonly string[] = [],
    { address = 'http://me', standbys = [], warmups = [], followUp = false }: AssignOptions = {},
  ): Promise<void> {
    this.generation++;
    const userData = encodeAssignment({
      followUp,
      instances: [
        { processId: 'other', applicationServer: 'http://other', tasks: others.map(parseTaskId), ...NO_STANDBYS },
        {
          processId: 'me',
          applicationServer: address,
          tasks: mine.map(parseTaskId),
          standbys: standbys.map(parseTaskId),
          warmups: warmups.map(parseTaskId),
        },
      ],
    });
    const assignment = encodeConsumerAssignment({ partitions: [], userData });
    await this.manager.onAssigned(assignment, { memberId: 'm', generation: this.generation, leader: false });
    if (!this.withChangelog)
      await eventually(() => this.manager.all.every(({ state }) => state === 'RUNNING'), 'all tasks run');
  }

  states(): Record<string, string> {
    return Object.fromEntries(this.manager.all.map(({ name, state }) => [name, state]));
  }

  takeLog(): string[] {
    return this.log.splice(0);
  }
}
