import { StreamsError, TopologyError } from '../../errors.ts';
import type { DropReason } from '../../processor/drop-reason.ts';
import type { Cancellable, PunctuationType, Punctuator } from '../../processor/processor-context.ts';
import type { RecordCollector } from '../../processor/record-collector.ts';
import { RecordContext } from '../../processor/record-context.ts';
import type { PunctuatedNode, TaskContext } from '../../processor/task-context.ts';
import type { Codec, Serde } from '../../serde/serde.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { StreamTaskOptions } from '../stream-task-options.ts';
import { PunctuationQueue, Schedule } from './punctuation-queue.ts';

/** The part of a task that its nodes see. */
export class TaskRuntimeContext implements TaskContext {
  readonly applicationId: string;
  readonly taskId: string;
  readonly partition: number;
  readonly record = new RecordContext();
  readonly collector: RecordCollector;
  streamTimeMs = -1;
  commitRequested = false;
  readonly dropped = new Map<DropReason, number>();
  droppedRecords = 0;
  /** By store. */
  readonly closedUpTo = new Map<string, number>();
  readonly streamTime = new PunctuationQueue();
  readonly wallClock = new PunctuationQueue();
  readonly #options: StreamTaskOptions;
  readonly #stores: () => ReadonlyMap<string, StateStore>;
  readonly #handleError: (node: PunctuatedNode, error: unknown) => void;
  readonly #internalTopics: ReadonlySet<string>;

  constructor(
    taskId: string,
    options: StreamTaskOptions,
    stores: () => ReadonlyMap<string, StateStore>,
    handleError: (node: PunctuatedNode, error: unknown) => void,
  ) {
    this.taskId = taskId;
    this.applicationId = options.plan.applicationId;
    this.partition = options.partition;
    this.collector = options.collector;
    this.#options = options;
    this.#stores = stores;
    this.#handleError = handleError;
    this.#internalTopics = new Set(options.topology.graph.internalTopics.keys());
  }

  /** Forgets times, punctuators and what was dropped: the nodes are made anew. */
  reset(): void {
    this.record.clear();
    this.dropped.clear();
    this.droppedRecords = 0;
    this.streamTimeMs = -1;
    this.commitRequested = false;
    this.closedUpTo.clear();
    this.streamTime.clear();
    this.wallClock.clear();
  }

  now(): number {
    return this.#options.clock();
  }

  store(name: string): StateStore {
    const store = this.#stores().get(name) ?? this.#options.globalStores.stores.get(name);
    if (store === undefined)
      throw new TopologyError(`task ${this.taskId} has no store ${name}`, { context: { store: name } });
    return store;
  }

  isGlobalStore(name: string): boolean {
    return this.#options.globalStores.stores.has(name);
  }

  codec<T>(serde: Serde<T>, topic: string, part: 'key' | 'value'): Codec<T> {
    return this.#options.codecs.open(serde, topic, part);
  }

  topicName(topic: string): string {
    return this.#internalTopics.has(topic) ? `${this.applicationId}-${topic}` : topic;
  }

  drop(reason: DropReason): void {
    this.droppedRecords++;
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + 1);
  }

  handleError(node: PunctuatedNode, error: unknown): void {
    this.#handleError(node, error);
  }

  schedule(node: PunctuatedNode, intervalMs: number, type: PunctuationType, punctuator: Punctuator): Cancellable {
    if (!Number.isInteger(intervalMs) || intervalMs < 1) {
      throw new StreamsError(
        'STREAMS_CONFIG',
        `punctuation interval is ${intervalMs} ms; allowed: whole numbers from 1`,
      );
    }
    // Stream time is aligned to 0 and fires as soon as there is data; the wall clock starts with a whole interval.
    const dueMs = type === 'STREAM_TIME' ? 0 : this.now() + intervalMs;
    const schedule = new Schedule(node, intervalMs, punctuator, dueMs);
    (type === 'STREAM_TIME' ? this.streamTime : this.wallClock).add(schedule);
    return schedule;
  }

  requestCommit(): void {
    this.commitRequested = true;
  }

  closedUpToMs(store: string): number {
    return this.closedUpTo.get(store) ?? -1;
  }

  setClosedUpToMs(store: string, closedUpToMs: number): void {
    this.closedUpTo.set(store, closedUpToMs);
  }
}
