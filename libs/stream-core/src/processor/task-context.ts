import type { Codec, Serde } from '../serde/serde.ts';
import type { StateStore } from '../state/state-store.ts';
import type { DropReason } from './drop-reason.ts';
import type { Cancellable, PunctuationType, Punctuator } from './processor-context.ts';
import type { RecordCollector } from './record-collector.ts';
import type { RecordContext } from './record-context.ts';

/** What a node can be called back with. */
export interface PunctuatedNode {
  readonly name: string;
}

/** What the nodes of a task share: the task itself, as they see it. */
export interface TaskContext {
  readonly applicationId: string;
  /** `<sub-topology>_<partition>`. */
  readonly taskId: string;
  readonly partition: number;
  readonly record: RecordContext;
  readonly collector: RecordCollector;
  /** Greatest timestamp taken for processing; -1 before the first. */
  readonly streamTimeMs: number;
  now(): number;
  /** A store of this task, or a global one. Throws `TopologyError` for an unknown name. */
  store(name: string): StateStore;
  isGlobalStore(name: string): boolean;
  codec<T>(serde: Serde<T>, topic: string, part: 'key' | 'value'): Codec<T>;
  /** The full name of a topic of the topology: internal ones get the application id in front. */
  topicName(topic: string): string;
  /** Counts one record that was left out. */
  drop(reason: DropReason): void;
  /** Asks the processing handler about an error of `node`; returns when the record is to be dropped there, throws when the task has to stop. */
  handleError(node: PunctuatedNode, error: unknown): void;
  schedule(node: PunctuatedNode, intervalMs: number, type: PunctuationType, punctuator: Punctuator): Cancellable;
  requestCommit(): void;
  /** The time up to which the closed windows of a store have been sent; -1: none. Committed with the offsets, so it moves with the task. */
  closedUpToMs(store: string): number;
  setClosedUpToMs(store: string, closedUpToMs: number): void;
}
