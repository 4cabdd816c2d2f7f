import type { OffsetAndMetadata, PartitionStart, TopicPartition } from '../kafka/types.ts';
import type { ActiveTask } from './active-task.ts';
import type { InstanceAssignment } from './assignment/member-user-data.ts';
import { startOffsets } from './start-offsets.ts';
import type { Beginning } from './storage/task-beginning.ts';
import type { StreamTask } from './stream-task.ts';
import { drawMarker } from './storage/checkpoint.ts';
import type { TaskManagerOptions } from './task-manager-options.ts';
import { decodeOffsetMetadata } from './task/offset-metadata.ts';

/** What it takes to begin a task. */
export type TaskStarterOptions = Pick<
  TaskManagerOptions,
  | 'processId'
  | 'client'
  | 'isolation'
  | 'fetcher'
  | 'committed'
  | 'fence'
  | 'begin'
  | 'changelogs'
  | 'startOffsets'
  | 'logger'
>;

/** Brings a task from RESTORING to RUNNING: predecessors fenced → committed offsets → stored state → changelogs to their end → processors initialised → fetching begins. */
export class TaskStarter {
  readonly #options: TaskStarterOptions;

  constructor(options: TaskStarterOptions) {
    this.#options = options;
  }

  /** Resolves when the task runs, or has left meanwhile. `instances`: the members of the group. Rejects with what ends the application. */
  async bringUp(active: ActiveTask, instances: readonly InstanceAssignment[]): Promise<void> {
    const options = this.#options;
    await this.#fencePredecessors(active, instances);
    if (active.isClosed) return;
    const [committed, ends] = await Promise.all([
      options.committed(active.inputs),
      // Not the high watermark: somebody else's transaction may stay open for as long as it likes.
      options.client.listOffsets(active.inputs, 'latest', options.isolation),
    ]);
    await active.beginning;
    if (active.isClosed) return;
    const beginning = await this.#begin(active, committed);
    if (active.isClosed) return;
    const offsets = new Map(active.inputs.map(({ topic }, index) => [topic, beginning.offsets[index]]));
    const changelogEnds = await this.#restore(active, offsets, beginning);
    if (active.isClosed) return;
    const starts = await this.#startOffsets(active, offsets);
    if (active.isClosed) return;
    const inputs = active.inputs.map((input, index) => ({
      ...input,
      offset: starts[index]?.offset ?? 0,
      metadata: offsets.get(input.topic)?.metadata ?? '',
    }));
    const group = new Map(active.inputs.map(({ topic }, index) => [topic, committed[index]]));
    await active.task.durability.begin(inputs, group, changelogEnds);
    if (active.isClosed) return;
    active.task.initialize(inputs);
    active.run(offsetsByTopic(starts), offsetsByTopic(ends));
    options.fetcher.add(starts);
    options.logger.info({ task: active.name, state: beginning.state, starts }, 'task runs');
  }

  /** A standby has its state already, and lacks only the tail. */
  #begin(active: ActiveTask, committed: readonly (OffsetAndMetadata | undefined)[]): Promise<Beginning> {
    const { task, left, restored } = active;
    if (restored.size === 0) return this.#options.begin(task, { inputs: active.inputs, committed }, left.signal);
    if (task.durability.storage.isDurable) task.durability.marker = drawMarker();
    return Promise.resolve({ state: 'state-and-tail', offsets: committed, tail: new Map(restored), marker: undefined });
  }

  /** What a process left open that is no member any more would hold up committed offsets and the restore until it times out. So its name is asked for without waiting. */
  async #fencePredecessors(active: ActiveTask, instances: readonly InstanceAssignment[]): Promise<void> {
    const { fence, processId, committed: committedOffsets } = this.#options;
    if (fence === undefined) return;
    const committed = await committedOffsets(active.inputs, { isStable: false });
    if (active.isClosed) return;
    const owners = new Set(committed.map((offset) => decodeOffsetMetadata(offset?.metadata ?? '').owner));
    for (const { processId: member } of instances) owners.delete(member);
    for (const owner of owners) if (owner !== undefined && owner !== processId) await fence(owner);
  }

  /** Gives the end of each store's changelog. */
  async #restore(
    active: ActiveTask,
    committed: ReadonlyMap<string, OffsetAndMetadata | undefined>,
    { tail }: Beginning,
  ): Promise<ReadonlyMap<string, number>> {
    const { task } = active;
    const { changelogs, durability } = task;
    if (changelogs.length === 0) return new Map();
    if (tail === undefined) {
      const ends = await this.#options.client.listOffsets(changelogs, 'latest');
      return new Map(changelogs.map(({ plan }, index) => [plan.name, ends[index]?.offset ?? 0]));
    }
    const ends = await this.#options.changelogs.restore(
      changelogs.map((changelog) => ({
        topic: changelog.topic,
        partition: changelog.partition,
        store: changelog.plan.name,
        task: active.name,
        startOffset: tail.get(changelog.plan.name),
        limitOffset: changelog.plan.isSourceChangelog ? (committed.get(changelog.topic)?.offset ?? 0) : undefined,
        take: takeInto(task, changelog),
        reached: (offset) => durability.restored(changelog.plan.name, offset),
      })),
      active.left.signal,
    );
    for (const [index, { plan }] of changelogs.entries()) await durability.restored(plan.name, ends[index] ?? 0);
    return new Map(changelogs.map(({ plan }, index) => [plan.name, ends[index] ?? 0]));
  }

  /** The committed offset of each input, or where the reset policy says. */
  async #startOffsets(
    active: ActiveTask,
    committed: ReadonlyMap<string, OffsetAndMetadata | undefined>,
  ): Promise<PartitionStart[]> {
    const fresh = active.inputs.filter(({ topic }) => committed.get(topic) === undefined);
    const found = await startOffsets(this.#options.client, fresh, this.#options.startOffsets);
    const reset = offsetsByTopic(found);
    return active.inputs.map(({ topic, partition }) => ({
      topic,
      partition,
      offset: committed.get(topic)?.offset ?? reset.get(topic) ?? 0,
    }));
  }
}

const offsetsByTopic = (offsets: readonly (TopicPartition & { offset: number })[]): Map<string, number> =>
  new Map(offsets.map(({ topic, offset }) => [topic, offset]));

/** Applies a changelog's records to a task's store; records without a key are nothing. */
export const takeInto =
  (task: StreamTask, changelog: StreamTask['changelogs'][number]) =>
  (key: Uint8Array | null, value: Uint8Array | null, timestamp: number): void => {
    if (key !== null) task.restore(changelog, key, value, timestamp);
  };
