import type { PartitionFollower } from '../../kafka/partition-follower.ts';
import type { OffsetAndMetadata } from '../../kafka/types.ts';
import type { CommittableOffset } from '../task/offset-metadata.ts';
import type { ChangelogPartition } from '../task/task-stores.ts';
import { followedCommit, UNKNOWN_OFFSET, type Checkpoint } from './checkpoint.ts';
import type { TaskStorage } from './state-backend.ts';

/** While stores are restored, what they hold is committed whenever so much has come together: handing it over takes the event loop a few milliseconds. */
const RESTORE_COMMIT_BYTES = 512 * 1024;
/** The restore goes on meanwhile, up to so much. */
const MAX_RESTORED_BYTES = 4 * 1024 * 1024;
/** … and this often: a restore that is broken off again and again gets to its end all the same. */
const RESTORE_COMMIT_MS = 1_000;

/** A task that has so much that is not committed processes nothing until some of it is. */
const MAX_UNCOMMITTED_BYTES = 128 * 1024 * 1024;

/** Follows a changelog partition from its end on. */
export type Follow = (topic: string, partition: number, end: number) => PartitionFollower;

interface Followed {
  readonly changelog: ChangelogPartition;
  /** Up to where the state contains the changelog, as far as that is known. */
  offset: number;
  follower: PartitionFollower | undefined;
}

/** Keeps the account of what a task's storage holds: changelog offsets and marker, from the restore through every commit. */
export class TaskDurability {
  readonly storage: TaskStorage;
  /** Of the application, as of this start. */
  readonly incarnation: string | undefined;
  /** Of this life of the task; undefined where nothing is stored. */
  marker: string | undefined;
  /** As `Checkpoint.retentions`. */
  readonly retentions: Readonly<Record<string, number>>;
  readonly #stores: ReadonlyMap<string, Followed>;
  readonly #follow: Follow | undefined;
  readonly #clock: () => number;
  #sealedInputs: readonly CommittableOffset[] = [];
  #follows: Checkpoint['follows'] = {};
  #restoreCommit: Promise<void> | undefined;
  #hasRestoreFailed = false;
  /** By the clock; undefined before the restore. */
  #restoreCommittedMs: number | undefined;
  #isClosed = false;

  constructor(
    storage: TaskStorage,
    changelogs: readonly ChangelogPartition[],
    {
      follow,
      clock,
      incarnation,
    }: {
      readonly follow?: Follow | undefined;
      readonly clock: () => number;
      readonly incarnation?: string | undefined;
    },
  ) {
    this.storage = storage;
    this.incarnation = incarnation;
    this.#stores = new Map(
      changelogs.map((changelog) => [changelog.plan.name, { changelog, offset: 0, follower: undefined }]),
    );
    this.retentions = Object.fromEntries(
      changelogs.flatMap(({ plan: { name, builder } }) => {
        const { retentionMs = builder.historyMs ?? Infinity } = builder;
        return retentionMs === Infinity ? [] : [[name, retentionMs]];
      }),
    );
    this.#follow = follow;
    this.#clock = clock;
  }

  /** Nothing is to be processed now: the storage cannot be reached, or is behind. */
  get mustWait(): boolean {
    const { storage } = this;
    return storage.isAway || storage.uncommittedBytes > MAX_UNCOMMITTED_BYTES;
  }

  /** The state holds a store's changelog up to `offset`, and every other store's up to what was said of it last. Resolves when more may be restored, undefined: at once; rejects as `TaskStorage.commit`, of an earlier call too. */
  restored(store: string, offset: number): Promise<void> | undefined {
    const followed = this.#stores.get(store);
    if (followed === undefined || !this.storage.isDurable) return undefined;
    // What is not known stays so: a record of somebody else may be missing from the state.
    if (followed.offset !== UNKNOWN_OFFSET) followed.offset = Math.max(followed.offset, offset);
    if (this.#isClosed) return undefined;
    if (this.#restoreCommit === undefined && this.#isRestoreCommitDue) {
      this.#restoreCommittedMs = this.#clock();
      this.#restoreCommit = this.#commitRestored();
      this.#restoreCommit.then(
        () => (this.#restoreCommit = undefined),
        // It stays, so that whoever asks next is told.
        () => (this.#hasRestoreFailed = true),
      );
    }
    const mustWait = this.#hasRestoreFailed || this.storage.uncommittedBytes >= MAX_RESTORED_BYTES;
    return mustWait ? this.#restoreCommit : undefined;
  }

  get #isRestoreCommitDue(): boolean {
    this.#restoreCommittedMs ??= this.#clock();
    return (
      this.storage.uncommittedBytes >= RESTORE_COMMIT_BYTES ||
      this.#clock() - this.#restoreCommittedMs >= RESTORE_COMMIT_MS
    );
  }

  /**
   * The task is about to process: what it holds now, from `inputs` on, is its first checkpoint. `committed` is what the group has, `ends` the end of each
   * store's changelog. Rejects as `TaskStorage.commit`.
   */
  async begin(
    inputs: readonly CommittableOffset[],
    committed: ReadonlyMap<string, OffsetAndMetadata | undefined>,
    ends: ReadonlyMap<string, number>,
  ): Promise<void> {
    if (!this.storage.isDurable || this.#isClosed) return;
    await this.#restoreCommit;
    this.#follows = Object.fromEntries(inputs.map(({ topic }) => [topic, followedCommit(committed.get(topic))]));
    for (const [name, followed] of this.#stores) {
      const { topic, partition, plan } = followed.changelog;
      if (plan.isSourceChangelog) continue;
      followed.follower = this.#follow?.(topic, partition, ends.get(name) ?? followed.offset);
    }
    this.seal(inputs);
    await this.commit();
  }

  /** The point between two records at which a commit is: `inputs`, which it gives back, is what will be committed. */
  seal(inputs: readonly CommittableOffset[]): readonly CommittableOffset[] {
    if (!this.storage.isDurable) return inputs;
    this.storage.seal();
    this.#sealedInputs = inputs;
    for (const { follower } of this.#stores.values()) follower?.seal();
    return inputs;
  }

  /** Once Kafka has acknowledged what was appended before `seal`. Without effect after `close`. Rejects as `TaskStorage.commit`. */
  commit(): Promise<void> {
    if (!this.storage.isDurable || this.#isClosed) return Promise.resolve();
    for (const followed of this.#stores.values()) followed.offset = this.#sealedOffset(followed);
    return this.storage.commit(this.#checkpoint(this.#sealedInputs, this.marker ?? ''));
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.storage.close().catch(() => undefined);
  }

  #commitRestored(): Promise<void> {
    this.storage.seal();
    return this.storage.commit(this.#checkpoint([], ''));
  }

  #checkpoint(inputs: readonly CommittableOffset[], marker: string): Checkpoint {
    const changelogs = Object.fromEntries(Array.from(this.#stores, ([name, { offset }]) => [name, offset]));
    return {
      inputs,
      changelogs,
      marker,
      follows: this.#follows,
      atMs: this.#clock(),
      incarnation: this.incarnation,
      retentions: this.retentions,
    };
  }

  #sealedOffset({ changelog, offset, follower }: Followed): number {
    if (changelog.plan.isSourceChangelog) {
      return this.#sealedInputs.find(({ topic }) => topic === changelog.topic)?.offset ?? offset;
    }
    if (follower === undefined || offset === UNKNOWN_OFFSET) return offset;
    if (follower.isBroken) return UNKNOWN_OFFSET;
    return follower.hasWritten ? (follower.sealedEnd ?? UNKNOWN_OFFSET) : offset;
  }
}
