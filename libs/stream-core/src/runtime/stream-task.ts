import type { FetchedRecords, TopicPartition } from '../kafka/types.ts';
import type { ProcessorNode } from '../processor/processor-node.ts';
import type { DropReason } from '../processor/drop-reason.ts';
import { OutputSerdeError } from '../processor/output-serde-error.ts';
import type { RecordCollector } from '../processor/record-collector.ts';
import { PendingCodecError } from '../serde/serde.ts';
import { SerdeError } from '../errors.ts';
import type { StateStore } from '../state/state-store.ts';
import type { StreamTaskOptions } from './stream-task-options.ts';
import { sendDeadLetter } from './task/dead-letter.ts';
import { closeAll } from './task/close-all.ts';
import { makeQueues } from './task/make-queues.ts';
import { decodeOffsetMetadata } from './task/offset-metadata.ts';
import type { CommittableOffset } from './task/offset-metadata.ts';
import { PartitionGroup } from './task/partition-group.ts';
import type { Schedule } from './task/punctuation-queue.ts';
import type { RecordQueue } from './task/record-queue.ts';
import { RecordTimes } from './task/record-times.ts';
import { TakenRecord } from './task/taken-record.ts';
import { taskHandlers, type TaskFailure, type TaskHandlers } from './task/failure-handlers.ts';
import { askHandler } from './task/task-errors.ts';
import type { TaskGraph } from './task/task-graph.ts';
import { buildTaskGraph, initializeNode } from './task/task-graph.ts';
import { subtopologyOf } from './task/subtopology-of.ts';
import { TaskRuntimeContext } from './task/task-runtime-context.ts';
import type { ChangelogPartition } from './task/task-stores.ts';
import { openTaskStores } from './task/task-stores.ts';
import { NO_STORAGE } from './storage/memory-backend.ts';
import { TaskDurability } from './storage/task-durability.ts';

export type { CommittableOffset } from './task/offset-metadata.ts';
export type { ChangelogPartition } from './task/task-stores.ts';

/** Records between two questions whether to stop. */
const RECORDS_PER_CHECK = 64;

/**
 * One sub-topology on one partition: queues, nodes and stores. Synchronous throughout, and the same in the runtime and in the test driver, which own all I/O around it.
 *
 *     new StreamTask → beginTask → restore(…)* → initialize(offsets) → { addRecords | process | punctuate | prepareCommit → markCommitted }* → close
 */
export class StreamTask {
  /** `<sub-topology>_<partition>`. */
  readonly id: string;
  readonly subtopology: number;
  readonly partition: number;
  /** Partitions it reads. */
  readonly inputs: readonly TopicPartition[];
  readonly stores: ReadonlyMap<string, StateStore>;
  /** What has to be restored before `initialize`; stores without logging are not in it. */
  readonly changelogs: readonly ChangelogPartition[];
  /** What of its state is durable beside the changelogs. */
  readonly durability: TaskDurability;
  /** Of the records of the last call of `process`. */
  readonly recordTimes = new RecordTimes();
  /** Records processed so far (skipped and dropped ones included). */
  processedRecords = 0;
  /** Those since the last `markCommitted`. */
  uncommittedRecords = 0;
  punctuations = 0;
  deadLetters = 0;
  /** Something was processed or punctuated since the last `markCommitted`. */
  commitNeeded = false;
  readonly #options: StreamTaskOptions;
  readonly #collector: RecordCollector;
  readonly #handlers: TaskHandlers;
  readonly #context: TaskRuntimeContext;
  readonly #nodes: readonly string[];
  #graph: TaskGraph;
  readonly #initialized: ProcessorNode[] = [];
  readonly #queues = new Map<string, RecordQueue>();
  #group: PartitionGroup;
  readonly #taken: TakenRecord;
  #pending: Promise<void> | undefined;
  /** Why the head's codec gave up after `pending`. */
  #unreadable: unknown;

  constructor(options: StreamTaskOptions) {
    const plan = subtopologyOf(options);
    this.id = `${plan.id}_${options.partition}`;
    this.subtopology = plan.id;
    this.partition = options.partition;
    this.#options = options;
    this.#collector = options.collector.keepingSources?.(() => this.#taken.source) ?? options.collector;
    this.#handlers = taskHandlers(options);
    this.#context = new TaskRuntimeContext(
      this.id,
      { ...options, collector: this.#collector },
      () => this.stores,
      (node, error) => this.#handleProcessingError(node.name, error),
    );
    this.#taken = new TakenRecord(this.#context.record, this.id);
    const storage = options.storage ?? NO_STORAGE;
    const { stores, changelogs } = openTaskStores({
      plans: plan.stores,
      codecs: options.codecs,
      collector: this.#collector,
      taskId: this.id,
      partition: this.partition,
      freezeValues: options.freezeValues ?? false,
      countDropped: (reason) => this.#context.drop(reason),
      record: this.#context.record,
      cache: options.cache,
      storage,
    });
    this.stores = stores;
    this.changelogs = changelogs;
    this.durability = new TaskDurability(storage, changelogs, options);
    this.#nodes = plan.nodes;
    this.#graph = buildTaskGraph(options.topology.graph, plan.nodes);
    this.#group = this.#makeGroup();
    this.inputs = this.#group.queues.map(({ topic, partition }) => ({ topic, partition }));
  }

  /** Records left out, by reason; only grows. */
  get dropped(): ReadonlyMap<DropReason, number> {
    return this.#context.dropped;
  }

  /** Sum of `dropped`. */
  get droppedRecords(): number {
    return this.#context.droppedRecords;
  }

  /** Greatest timestamp taken for processing, milliseconds; -1 before the first. */
  get streamTimeMs(): number {
    return this.#context.streamTimeMs;
  }

  /** What a record waits for before it can be read (an unknown schema, say): `process` does nothing until it has settled. It never rejects. Undefined: nothing. */
  get pending(): Promise<void> | undefined {
    return this.#pending;
  }

  /** A processor asked for a commit since the last one. */
  get commitRequested(): boolean {
    return this.#context.commitRequested;
  }

  /** Applies one changelog record. Throws as `StateStore.restore` does. */
  restore({ store, tee }: ChangelogPartition, key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    store.restore(key, value, timestamp);
    tee?.log(key, value, timestamp);
  }

  /** After the restore and before the first record: initialises processors; `committed` rebuilds partition times and positions. */
  initialize(committed: readonly CommittableOffset[] = []): void {
    this.#group.marker = this.durability.marker;
    for (const { topic, offset, metadata } of committed) {
      const queue = this.#queues.get(topic);
      if (queue === undefined) continue;
      queue.position = offset;
      const { partitionTimeMs, closedUpTo } = decodeOffsetMetadata(metadata);
      queue.partitionTimeMs = partitionTimeMs;
      for (const [store, timeMs] of closedUpTo) {
        this.#context.setClosedUpToMs(store, Math.max(timeMs, this.#context.closedUpToMs(store)));
      }
      this.#context.streamTimeMs = Math.max(this.#context.streamTimeMs, queue.partitionTimeMs);
    }
    for (const node of this.#graph.nodes) {
      initializeNode(node, this.#context, this.id);
      this.#initialized.push(node);
    }
  }

  /** Queues what a fetch brought; the buffer is kept until it has been processed. Throws `RangeError` for a partition that is no input. */
  addRecords(records: FetchedRecords): void {
    const queue = this.#queues.get(records.topic);
    if (queue === undefined || records.partition !== this.partition) {
      throw new RangeError(`${records.topic}-${records.partition} is no input of task ${this.id}`);
    }
    queue.add(records);
    this.#waitFor(this.#group.added(queue));
  }

  /** Processes up to `maxRecords` records in timestamp order, unless one that is on its way might be earlier; stream-time punctuators after each; `shouldStop` is asked every 64 records. Gives the number processed. */
  process(maxRecords: number, shouldStop?: () => boolean): number {
    this.recordTimes.reset();
    if (this.#pending !== undefined) return 0;
    this.#waitFor(this.#group.retryStalled());
    this.#group.lookAround();
    let processed = 0;
    while (processed < maxRecords && this.#pending === undefined) {
      const queue = this.#group.first;
      if (queue === undefined || !this.#processHead(queue)) break;
      processed++;
      this.processedRecords++;
      this.uncommittedRecords++;
      this.commitNeeded = true;
      this.#waitFor(this.#group.next());
      if (this.#context.streamTime.nextMs <= this.#context.streamTimeMs) this.#punctuateStreamTime();
      if (processed % RECORDS_PER_CHECK === 0 && shouldStop?.() === true) break;
    }
    return processed;
  }

  /** Follows the system's clock and runs due wall-clock punctuators once each; gives their number. */
  punctuate(): number {
    const nowMs = this.#options.clock();
    this.#context.wallClock.follow(nowMs);
    return this.#runPunctuators(this.#context.wallClock.runDue(nowMs, this.#runPunctuator));
  }

  /** Earliest time at which `punctuate` has something to do; Infinity: never. */
  nextPunctuationMs(): number {
    return this.#context.wallClock.nextMs;
  }

  /** Flushes stores and gives the offsets to commit, of every input that has a position. What comes later belongs to the next commit. */
  prepareCommit(): readonly CommittableOffset[] {
    this.flush();
    this.rememberOffsets();
    return this.durability.seal(this.rememberedOffsets);
  }

  /** Flushes stores: caches send what they keep back. */
  flush(): void {
    for (const store of this.stores.values()) store.flush();
  }

  /** Takes note of how far the inputs have been processed, without making anything: for who commits after each record, and may never need the offsets. */
  rememberOffsets(): void {
    this.#group.rememberOffsets(this.#context.closedUpTo);
  }

  /** What could be committed as of the last `rememberOffsets`, of every input that had a position. */
  get rememberedOffsets(): readonly CommittableOffset[] {
    return this.#group.rememberedOffsets;
  }

  markCommitted(): void {
    this.commitNeeded = false;
    this.uncommittedRecords = 0;
    this.#context.commitRequested = false;
  }

  /** Offset of the next record to process of an input; undefined before the first fetch. */
  position(topic: string): number | undefined {
    const position = this.#queues.get(topic)?.position ?? -1;
    return position < 0 ? undefined : position;
  }

  /** Bytes of queued batches, of one input or of all: what pausing is decided by. */
  bufferedBytes(topic?: string): number {
    if (topic !== undefined) return this.#queues.get(topic)?.bufferedBytes ?? 0;
    let bytes = 0;
    for (const queue of this.#group.queues) bytes += queue.bufferedBytes;
    return bytes;
  }

  /** Closes the processors that were initialised, then the stores, and throws the first error when it is through. What is queued is forgotten. */
  close(): void {
    this.#group.clear();
    closeAll([...this.#initialized.splice(0), ...this.stores.values()]);
  }

  /** True: everything that it has in its stores can be kept up from changelogs. */
  get isRecyclable(): boolean {
    return this.changelogs.length === this.stores.size;
  }

  /** Goes back to before `restore` with open, filled stores and counters at 0: closes the processors and throws the first error when it is through. To be called after the last commit. */
  recycle(): void {
    this.deadLetters = 0;
    this.#group.clear();
    this.#taken.clear();
    this.#unreadable = undefined;
    this.#context.reset();
    this.#graph = buildTaskGraph(this.#options.topology.graph, this.#nodes);
    this.#queues.clear();
    this.#group = this.#makeGroup();
    closeAll(this.#initialized.splice(0));
  }

  #makeGroup(): PartitionGroup {
    const { codecs } = this.#options;
    for (const queue of makeQueues(this.#graph.sources, this.partition, codecs, this.#context))
      this.#queues.set(queue.topic, queue);
    return new PartitionGroup([...this.#queues.values()], this.#options.awaitsMore, this.#options.owner);
  }

  /** False: the head cannot be read yet, and stays. */
  #processHead(queue: RecordQueue): boolean {
    const context = this.#context;
    this.#taken.queue = queue;
    let key: unknown;
    let value: unknown;
    try {
      if (this.#unreadable !== undefined) throw this.#takeUnreadable();
      key = queue.readKey();
      value = queue.readValue();
    } catch (error) {
      if (error instanceof PendingCodecError) this.#waitFor(error.ready);
      else this.#drop('deserialization-error', 'reading', queue.source.name, error);
      return this.#pending === undefined;
    }
    const timestamp = queue.headTimestamp;
    this.recordTimes.note(timestamp);
    const { record } = context;
    record.topic = queue.topic;
    record.partition = queue.partition;
    record.offset = queue.cursor.offset;
    record.timestamp = timestamp;
    record.headers = queue.headers;
    if (timestamp > queue.partitionTimeMs) queue.partitionTimeMs = timestamp;
    if (timestamp > context.streamTimeMs) context.streamTimeMs = timestamp;
    queue.source.process(key, value, timestamp);
    return true;
  }

  #takeUnreadable(): unknown {
    const error = this.#unreadable;
    this.#unreadable = undefined;
    return error;
  }

  #waitFor(ready: Promise<void> | undefined): void {
    if (ready === undefined) return;
    const settled = ready.then(
      () => {
        this.#pending = undefined;
      },
      (error: unknown) => {
        this.#pending = undefined;
        // The codec's last word on these bytes; anything else (a registry that cannot be reached) is tried again.
        if (error instanceof SerdeError) this.#unreadable = error;
      },
    );
    this.#pending = settled;
  }

  #handleProcessingError(node: string, error: unknown): void {
    if (error instanceof OutputSerdeError) this.#drop('production-error', 'writing the output', node, error);
    else this.#drop('processing-error', 'processing', node, error);
  }

  #drop(reason: TaskFailure, what: string, node: string, error: unknown): void {
    const queue = reason === 'deserialization-error' ? this.#taken.queue : this.#taken.inProgress;
    const response = askHandler(this.#handlers[reason], { what, error, taskId: this.id, node, queue });
    if (response === 'dead-letter' && queue !== undefined) {
      sendDeadLetter(this.#options.collector, queue, error);
      this.deadLetters++;
    }
    this.#context.drop(reason);
  }

  #punctuateStreamTime(): void {
    this.#runPunctuators(this.#context.streamTime.runDue(this.#context.streamTimeMs, this.#runPunctuator));
  }

  #runPunctuators(ran: number): number {
    if (ran > 0) this.commitNeeded = true;
    this.punctuations += ran;
    return ran;
  }

  readonly #runPunctuator = (schedule: Schedule, nowMs: number): void => {
    const { record } = this.#context;
    record.clear();
    record.timestamp = nowMs;
    try {
      schedule.punctuator(nowMs);
    } catch (error) {
      this.#handleProcessingError(schedule.node.name, error);
    }
  };
}
