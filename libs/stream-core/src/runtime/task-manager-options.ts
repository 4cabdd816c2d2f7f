import type { Fetcher } from '../kafka/fetcher.ts';
import type { GroupMember } from '../kafka/group-member.ts';
import type { KafkaClient } from '../kafka/kafka-client.ts';
import type { IsolationLevel, Logger, TopicPartition } from '../kafka/types.ts';
import type { TaskId } from './assignment/task-id.ts';
import type { ChangeSignal } from './change-signal.ts';
import type { StoreChangelogReader } from './restore/store-changelog-reader.ts';
import type { Beginning, CommittedInputs } from './storage/task-beginning.ts';
import type { StandbyTasks } from './standby-tasks.ts';
import type { StartOffsets } from './start-offsets.ts';
import type { StreamTask } from './stream-task.ts';
import type { StreamsCounters } from './streams-metrics.ts';
import type { TaskCommitter } from './task-committer.ts';

/** What a `TaskManager` works with: the narrow parts of the client, so that tests can give their own. */
export interface TaskManagerOptions {
  readonly processId: string;
  /** This instance's address, as the others should see it. */
  readonly applicationServer: string | undefined;
  readonly client: Pick<KafkaClient, 'listOffsets'>;
  /** Of the readers of the inputs: where these end. */
  readonly isolation: IsolationLevel;
  /** Reads the inputs. */
  readonly fetcher: Pick<Fetcher, 'add' | 'remove'>;
  readonly committed: GroupMember['committed'];
  readonly requestRejoin: GroupMember['requestRejoin'];
  /** Another rebalance is to follow at once. */
  readonly expectRebalance: GroupMember['expectRebalance'];
  /** Rejects unless the group is in this instance's generation still. */
  readonly confirmMembership: GroupMember['confirmMembership'];
  readonly standbys: Pick<StandbyTasks, 'all' | 'get' | 'add' | 'adopt' | 'promote' | 'position' | 'lag' | 'keepOnly'>;
  /** A warm-up that lacks at most so many changelog offsets may be processed. */
  readonly acceptableRecoveryLag: number;
  readonly committer: Pick<TaskCommitter, 'commit'>;
  /** Aborts what a process that is gone left open. Undefined under at_least_once, where nothing is. */
  readonly fence: ((processId: string) => Promise<void>) | undefined;
  /** `StreamsProducer.abort`. */
  readonly abort: () => Promise<void>;
  /** Opens a task's storage and decides what it begins with. Retries for as long as it takes while the storage is away; rejects with the signal's reason. */
  readonly begin: (task: StreamTask, committed: CommittedInputs, signal: AbortSignal) => Promise<Beginning>;
  readonly changelogs: Pick<StoreChangelogReader, 'restore' | 'position'>;
  /** By task: how far what was stored here at the start reaches in its changelogs, as a sum of offsets. */
  readonly stored: ReadonlyMap<string, number>;
  readonly codecs: { ready(): Promise<void> };
  readonly createTask: (task: TaskId) => StreamTask;
  /** Partitions that a task reads and that exist. */
  readonly inputsOf: (task: TaskId) => readonly TopicPartition[];
  /** Where to start an input without a committed offset. */
  readonly startOffsets: StartOffsets;
  /** Fired when owners or task states changed. */
  readonly changes: ChangeSignal;
  /** Wakes the loop: a task has something to do. */
  readonly wake: () => void;
  readonly onStateChange: (state: 'REBALANCING' | 'RUNNING') => void;
  readonly onError: (error: unknown) => void;
  readonly counters: StreamsCounters;
  readonly logger: Logger;
}
