/** What an application shows of itself: tasks, positions, lag, metrics. */
import type { TopicPartition } from '../kafka/types.ts';
import type { ActiveTask, TaskState } from './active-task.ts';
import type { KafkaStreamsState } from './state-machine.ts';
import type { StreamsInstance } from './streams-instance.ts';
import { counterSamples, type MetricSample, type StreamsCounters, type TaskCounters } from './streams-metrics.ts';

/** One input of a task. */
export interface InputMetadata extends TopicPartition {
  /** Offset of the last processed record, −1 before the first. */
  readonly offset: number;
  /** Records (offsets) between that and the log's end as last seen; undefined before the first fetch. */
  readonly lag: number | undefined;
}

/** A task of this instance. */
export interface TaskMetadata {
  /** `<sub-topology>_<partition>`. */
  readonly task: string;
  readonly state: TaskState;
  /** It has processed what stood in its inputs when it came here. */
  readonly caughtUp: boolean;
  /** Everything that it has processed is committed. */
  readonly committed: boolean;
  readonly inputs: readonly InputMetadata[];
  /** Since when its state cannot be reached (Redis), milliseconds since the epoch: nothing is processed meanwhile. Undefined: it can be. */
  readonly stateAwaySinceMs: number | undefined;
  /** Questions that wait for a position. */
  readonly waitingQueries: number;
}

/** A task whose state an instance keeps up for another one. */
export interface StandbyMetadata {
  /** `<sub-topology>_<partition>`. */
  readonly task: string;
  /** Changelog offsets that it lacks; undefined while that is not known. */
  readonly lag: number | undefined;
}

/** The standbys of an instance, warm-ups too. */
export function localStandbys(instance: StreamsInstance | undefined): StandbyMetadata[] {
  const standbys = instance?.started?.standbys;
  return (standbys?.all ?? []).map((standby) => ({ task: standby.name, lag: standbys?.lag(standby) }));
}

/** The tasks of an instance, in the order in which they came. */
export function localTasks(
  instance: StreamsInstance | undefined,
  { outages }: Pick<StreamsCounters, 'outages'>,
): TaskMetadata[] {
  const all = instance?.started?.tasks.all ?? [];
  return all.map((active) => ({
    task: active.name,
    state: active.state,
    caughtUp: active.caughtUp,
    committed: !active.commitNeeded && !active.committing,
    inputs: inputsOf(active, instance),
    stateAwaySinceMs: outages.sinceMs(active.name),
    waitingQueries: active.progress.waiters,
  }));
}

function inputsOf(active: ActiveTask, instance: StreamsInstance | undefined): InputMetadata[] {
  return active.progress.position().map((input) => {
    const end = instance?.fetcher.position(input)?.highWatermark ?? -1;
    return { ...input, lag: end < 0 ? undefined : Math.max(0, end - input.offset - 1) };
  });
}

const STATES: readonly KafkaStreamsState[] = [
  'CREATED',
  'REBALANCING',
  'RUNNING',
  'PENDING_SHUTDOWN',
  'NOT_RUNNING',
  'PENDING_ERROR',
  'ERROR',
];

const gauge = (
  name: string,
  group: string,
  description: string,
  labels: Record<string, string>,
  value: number,
  kind: MetricSample['kind'] = 'gauge',
): MetricSample => ({
  name,
  group,
  kind,
  description,
  labels,
  value,
});

/** Records without a key cannot be in a global table. */
function globalCounters(instance: StreamsInstance | undefined): TaskCounters[] {
  const dropped = instance?.started?.globalStores.dropped ?? 0;
  return dropped === 0 ? [] : [{ deadLetters: 0, dropped: new Map([['null-key', dropped]]) }];
}

/** Every metric, read now. Counters of tasks that have left are kept in `counters`. */
export function* streamsSamples(
  state: KafkaStreamsState,
  counters: StreamsCounters,
  instance: StreamsInstance | undefined,
  isPaused = false,
): Generator<MetricSample> {
  const client = 'stream-metrics';
  for (const one of STATES) {
    yield gauge(
      'state',
      client,
      "The application's state: 1 for the present one.",
      { state: one },
      one === state ? 1 : 0,
    );
  }
  yield gauge('paused', client, '1: the application is paused.', {}, isPaused ? 1 : 0);
  const tasks = instance?.started?.tasks.all ?? [];
  yield* counterSamples(counters.withTasks([...tasks.map(({ task }) => task), ...globalCounters(instance)]));
  yield gauge('task-count', client, 'Tasks of this instance.', {}, tasks.length);
  yield gauge(
    'restoring-tasks',
    client,
    'Tasks of this instance that do not run yet.',
    {},
    tasks.filter((task) => task.state !== 'RUNNING').length,
  );
  if (instance === undefined) return;
  yield gauge(
    'producer-buffered-bytes',
    client,
    'Output that Kafka has not acknowledged.',
    {},
    instance.producer.bufferedBytes,
  );
  yield gauge('record-send-total', client, 'Records given to the producer.', {}, instance.producer.position, 'counter');
  for (const active of tasks) yield* taskSamples(active, instance);
  yield* restoreSamples(instance);
}

function* taskSamples(active: ActiveTask, instance: StreamsInstance): Generator<MetricSample> {
  const group = 'stream-task-metrics';
  const { task } = active;
  const labels = { task: active.name };
  yield gauge(
    'process-total',
    group,
    'Records processed by a task since it came.',
    labels,
    task.processedRecords,
    'counter',
  );
  yield gauge(
    'punctuate-total',
    group,
    'Punctuator calls of a task since it came.',
    labels,
    task.punctuations,
    'counter',
  );
  yield gauge('input-buffer-bytes-total', group, 'Fetched bytes that wait in a task.', labels, task.bufferedBytes());
  for (const { topic, partition, lag } of inputsOf(active, instance)) {
    const input = { ...labels, topic, partition: String(partition) };
    if (lag !== undefined) yield gauge('records-lag', group, 'Records behind the end of the log.', input, lag);
  }
  const caughtUp = active.caughtUp ? 1 : 0;
  yield gauge('task-caught-up', group, '1: the end of the log as of the start is reached.', labels, caughtUp);
  const latency = instance.started?.thread.latencyOf(active);
  if (latency !== undefined) {
    const what = 'age in milliseconds of records when they had been processed, of the last 30 to 60 seconds.';
    yield gauge('record-e2e-latency-avg', group, `Mean ${what}`, labels, latency.avgMs);
    yield gauge('record-e2e-latency-min', group, `Least ${what}`, labels, latency.minMs);
    yield gauge('record-e2e-latency-max', group, `Greatest ${what}`, labels, latency.maxMs);
  }
  const state = 'stream-state-metrics';
  for (const { name, approximateEntries } of task.stores.values()) {
    yield gauge('estimate-num-keys', state, 'Entries of a store.', { ...labels, store: name }, approximateEntries);
  }
  yield* diskSamples(active);
}

/** Of a task or a standby whose state is on this disk. */
function* diskSamples({ name: task, task: { durability } }: ActiveTask): Generator<MetricSample> {
  const { diskUsage } = durability.storage;
  if (diskUsage === undefined) return;
  const { totalBytes, storeBytes } = diskUsage;
  yield gauge('disk-bytes', 'stream-task-metrics', "Bytes of a task's state on disk.", { task }, totalBytes);
  for (const [store, bytes] of storeBytes) {
    const what = 'Bytes of the pages on disk that a store has entries in.';
    yield gauge('disk-bytes', 'stream-state-metrics', what, { task, store }, bytes);
  }
}

function* restoreSamples(instance: StreamsInstance): Generator<MetricSample> {
  const { changelogs } = instance;
  const group = 'stream-task-metrics';
  for (const standby of instance.started?.standbys.all ?? []) yield* diskSamples(standby);
  for (const { task, lag } of localStandbys(instance)) {
    if (lag !== undefined) yield gauge('standby-lag', group, 'Changelog offsets that a standby lacks.', { task }, lag);
  }
  for (const { topic, partition, remainingOffsets, recordsPerSecond, etaMs } of changelogs.progress()) {
    const labels = { topic, partition: String(partition) };
    yield gauge('restore-remaining', group, 'Changelog offsets left to restore.', labels, remainingOffsets);
    yield gauge('restore-rate', group, 'Records restored per second.', labels, recordsPerSecond);
    if (etaMs !== undefined)
      yield gauge('restore-eta-ms', group, 'Time until the restore is through, at its rate so far.', labels, etaMs);
  }
}
