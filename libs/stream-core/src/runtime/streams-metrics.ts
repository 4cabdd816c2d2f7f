/**
 * What an application tells about itself, under Kafka Streams' metric names. Counters are plain numbers bumped where
 * things happen; a snapshot is only built when someone asks, so nothing here costs anything per record. service-kit
 * hands the samples to prom-client; this library does not know it.
 */

import { DROP_REASONS, type DropReason } from '../processor/drop-reason.ts';
import { LatencyHistogram } from './end-to-end-latency.ts';
import { StorageOutages } from './storage/storage-outages.ts';

/** A figure at the time of the snapshot. */
export interface MetricSample {
  /** Kafka Streams' name, such as `commit-total`. */
  readonly name: string;
  /** Kafka Streams' group, such as `stream-thread-metrics`. */
  readonly group: string;
  readonly kind: 'counter' | 'gauge';
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A sum, a count and a greatest value of durations in milliseconds. */
export class LatencyCounter {
  count = 0;
  totalMs = 0;
  maxMs = 0;

  record(durationMs: number): void {
    this.count++;
    this.totalMs += durationMs;
    if (durationMs > this.maxMs) this.maxMs = durationMs;
  }

  get averageMs(): number {
    return this.count === 0 ? 0 : this.totalMs / this.count;
  }
}

/** What a task counts itself. */
export interface TaskCounters {
  readonly deadLetters: number;
  readonly dropped: ReadonlyMap<DropReason, number>;
}

/** Counters of one application; they only grow. */
export class StreamsCounters {
  readonly commit = new LatencyCounter();
  readonly restore = new LatencyCounter();
  /** Of sampled records, from their timestamp to the end of their processing. */
  readonly latency = new LatencyHistogram();
  readonly outages = new StorageOutages();
  readonly #consumedBytes = new Map<string, number>();
  commitFailures = 0;
  /** Errors that ended an instance's processing. */
  failedThreads = 0;
  transactionsAborted = 0;
  processedRecords = 0;
  restoredRecords = 0;
  standbyRecords = 0;
  tasksCreated = 0;
  tasksClosed = 0;
  rebalances = 0;
  punctuations = 0;
  queriesAnswered = 0;
  queriesRefused = 0;
  deadLetters = 0;
  /** Time spent in slices of processing. */
  processingMs = 0;
  readonly #droppedByReason = new Map<DropReason, number>();

  /** Counts a record that was left out, by reason. */
  drop(reason: DropReason, count = 1): void {
    this.#droppedByReason.set(reason, (this.#droppedByReason.get(reason) ?? 0) + count);
  }

  /** Fetched bytes of an input that tasks were given. */
  consume(topic: string, bytes: number): void {
    this.#consumedBytes.set(topic, (this.#consumedBytes.get(topic) ?? 0) + bytes);
  }

  /** By topic: as many as the application reads. */
  get consumedBytes(): ReadonlyMap<string, number> {
    return this.#consumedBytes;
  }

  get dropped(): ReadonlyMap<DropReason, number> {
    return this.#droppedByReason;
  }

  /** Takes over what a task counted, when it leaves. */
  absorb(task: TaskCounters): void {
    this.deadLetters += task.deadLetters;
    for (const [reason, count] of task.dropped) this.drop(reason, count);
  }

  /** A copy that has the present tasks' counts too. */
  withTasks(tasks: readonly TaskCounters[]): StreamsCounters {
    const sum = new StreamsCounters();
    Object.assign(sum, this);
    for (const [reason, count] of this.#droppedByReason) sum.drop(reason, count);
    for (const [topic, bytes] of this.#consumedBytes) sum.consume(topic, bytes);
    for (const task of tasks) sum.absorb(task);
    return sum;
  }
}

/** The fixed part of a sample: what, in which group, why one would look at it. */
export interface MetricDefinition {
  readonly name: string;
  readonly group: string;
  readonly kind: 'counter' | 'gauge';
  readonly description: string;
}

const thread = (name: string, kind: 'counter' | 'gauge', description: string): MetricDefinition => ({
  name,
  group: 'stream-thread-metrics',
  kind,
  description,
});

const COUNTER_SAMPLES: readonly (readonly [MetricDefinition, (counters: StreamsCounters) => number])[] = [
  [thread('process-total', 'counter', 'Records processed.'), (c) => c.processedRecords],
  [thread('process-time-ms-total', 'counter', 'Milliseconds spent processing.'), (c) => c.processingMs],
  [thread('commit-total', 'counter', 'Commits done.'), (c) => c.commit.count],
  [thread('commit-latency-avg', 'gauge', 'Mean milliseconds of a commit.'), (c) => c.commit.averageMs],
  [thread('commit-latency-max', 'gauge', 'Longest commit in milliseconds.'), (c) => c.commit.maxMs],
  [
    thread('commit-failed-total', 'counter', 'Commits that failed and were tried again later.'),
    (c) => c.commitFailures,
  ],
  [
    thread('transaction-aborted-total', 'counter', 'Transactions that failed; their tasks began anew.'),
    (c) => c.transactionsAborted,
  ],
  [thread('punctuate-total', 'counter', 'Punctuator calls.'), (c) => c.punctuations],
  [
    {
      ...thread('failed-stream-threads', 'counter', 'Errors that ended the processing here.'),
      group: 'stream-metrics',
    },
    (c) => c.failedThreads,
  ],
  [thread('task-created-total', 'counter', 'Tasks created.'), (c) => c.tasksCreated],
  [thread('task-closed-total', 'counter', 'Tasks closed.'), (c) => c.tasksClosed],
  [thread('rebalance-total', 'counter', 'Assignments taken.'), (c) => c.rebalances],
  [thread('restore-total', 'counter', 'Changelog records restored.'), (c) => c.restoredRecords],
  [thread('standby-update-total', 'counter', 'Changelog records applied to standbys.'), (c) => c.standbyRecords],
  [thread('restore-latency-avg', 'gauge', "Mean milliseconds of a task's restore."), (c) => c.restore.averageMs],
  [thread('dead-letter-total', 'counter', 'Records written to a dead-letter topic.'), (c) => c.deadLetters],
  [thread('query-total', 'counter', 'Questions of other instances answered here.'), (c) => c.queriesAnswered],
  [
    {
      ...thread('state-away-since-ms', 'gauge', 'Since when state cannot be reached, epoch milliseconds; 0: it can.'),
      group: 'stream-metrics',
    },
    (c) => c.outages.firstSinceMs ?? 0,
  ],
  [
    {
      ...thread('state-away-failures-total', 'counter', 'Tries that failed because state could not be reached.'),
      group: 'stream-metrics',
    },
    (c) => c.outages.failures,
  ],
  [thread('query-failed-total', 'counter', 'Questions of other instances refused here.'), (c) => c.queriesRefused],
];

const DROPPED = thread('dropped-records-total', 'counter', 'Records left out, by reason.');

const CONSUMED: MetricDefinition = {
  ...thread('bytes-consumed-total', 'counter', 'Bytes of record batches that tasks were given, by topic.'),
  group: 'stream-topic-metrics',
};
const LATENCY_BUCKET = thread(
  'record-e2e-latency-ms-bucket',
  'counter',
  'Sampled records, one a turn of a task, that were at most so many milliseconds old when they had been processed.',
);
const LATENCY_COUNT = thread('record-e2e-latency-ms-count', 'counter', 'Records sampled for the histogram.');
const LATENCY_SUM = thread('record-e2e-latency-ms-sum', 'counter', 'Sum of the ages of sampled records.');

/** Samples of the counters. */
export function* counterSamples(counters: StreamsCounters): Generator<MetricSample> {
  for (const [definition, read] of COUNTER_SAMPLES) yield { ...definition, labels: {}, value: read(counters) };
  for (const reason of DROP_REASONS) yield { ...DROPPED, labels: { reason }, value: counters.dropped.get(reason) ?? 0 };
  for (const [topic, value] of counters.consumedBytes) yield { ...CONSUMED, labels: { topic }, value };
  for (const [upToMs, value] of counters.latency.buckets()) {
    yield { ...LATENCY_BUCKET, labels: { le: upToMs === Infinity ? '+Inf' : String(upToMs) }, value };
  }
  yield { ...LATENCY_COUNT, labels: {}, value: counters.latency.count };
  yield { ...LATENCY_SUM, labels: {}, value: counters.latency.totalMs };
}
