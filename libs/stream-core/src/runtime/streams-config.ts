/** The settings of an application: documented, defaulted, and checked all at once. */
import { StreamsError } from '../errors.ts';
import type { BatchProducerOptions } from '../kafka/batch-producer-options.ts';
import { parseBrokerAddress } from '../kafka/broker-address.ts';
import { stderrLogger } from '../kafka/stderr-logger.ts';
import type { KafkaClientOptions, Logger } from '../kafka/types.ts';
import type { SchemaSource } from '../serde/serde.ts';
import { kindProblems, shown } from './setting-kinds.ts';
import { unknownSettings } from './setting-names.ts';
import { stateProblems, type StateOptions } from './storage/state-options.ts';
import { failOnError, type ErrorHandler, type ProductionHandler } from './task-handlers.ts';
import type { UncaughtErrorHandler } from './uncaught-errors.ts';
import type { TopologyChanges } from './topology-check/check-topology.ts';

/**
 * `at_least_once`: a crash repeats what was not committed, in the output and in stores. `exactly_once`: input offsets,
 * output and changelogs are committed in one Kafka transaction (Kafka Streams' exactly_once_v2, KIP-447); readers of the
 * output see it with read_committed.
 */
export type ProcessingGuarantee = 'at_least_once' | 'exactly_once';

/** Who decides when something fails; the default of each is to fail, which ends the application in ERROR. */
export interface StreamsHandlers {
  /** A record that cannot be read. */
  readonly deserialization?: ErrorHandler | undefined;
  /** A record on which a processor threw. */
  readonly processing?: ErrorHandler | undefined;
  /** Output that a serde cannot write, that Kafka refused, or that it did not take in time. */
  readonly production?: ProductionHandler | undefined;
  /** What an instance cannot go on after: asked when the others said `fail`, too. Default: `shutdown-client`. */
  readonly uncaught?: UncaughtErrorHandler | undefined;
}

/** What `new KafkaStreams(topology, config)` takes. */
export interface StreamsConfig {
  /** Names the application: its consumer group, its internal topics and, by default, its client. */
  readonly applicationId: string;
  readonly kafka: KafkaClientOptions;
  /** Where Avro serdes find their schemas. */
  readonly schemas?: SchemaSource | undefined;
  /** `http://host:port` at which other instances reach this one's `queryHandler`. Without it only local keys can be asked. */
  readonly applicationServer?: string | undefined;
  /** Headers for questions to other instances, such as a service token; asked for once per request. */
  readonly queryHeaders?:
    | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>)
    | undefined;
  /** Time a question may take in all. Default 2,000. */
  readonly queryTimeoutMs?: number | undefined;
  /** Time one try at one owner may take before the owner is looked up again. Default 1,000. */
  readonly queryTryTimeoutMs?: number | undefined;
  /** `processing.guarantee`. Default `at_least_once`. */
  readonly processingGuarantee?: ProcessingGuarantee | undefined;
  /** Under exactly_once: a transaction that a silent instance left open is aborted by the broker after this time, and readers with read_committed wait for that. Longer than `commitIntervalMs`. Default 10,000. */
  readonly transactionTimeoutMs?: number | undefined;
  /** `task.timeout.ms`: how long what Kafka may answer later (a broker that is away, a coordinator that moves) is tried again, with backoff, before the application ends with the error (KIP-572). Also the `retryTimeoutMs` of the client, unless `kafka` says otherwise. Default 300,000. */
  readonly taskTimeoutMs?: number | undefined;
  /** Commit at this interval when something was processed. Default 100: a commit is one request for all tasks, and what is read again after a crash is bounded by it. (Kafka Streams: 30,000 under at_least_once.) */
  readonly commitIntervalMs?: number | undefined;
  /** Commit before the interval is over when so many records have been processed since the last commit, over all tasks. Default 100,000. */
  readonly commitRecords?: number | undefined;
  /** Commit before the interval is over when so many bytes of state wait to be stored (LMDB, Redis), over all tasks, and in any case when one task has 512 KiB: handing them over takes the event loop about a microsecond for each entry. Default 2 MiB. */
  readonly commitBytes?: number | undefined;
  /** The group forgets this instance when it was silent for so long. Default 10,000. */
  readonly sessionTimeoutMs?: number | undefined;
  /** A rebalance is noticed within this time. Default 500. */
  readonly heartbeatIntervalMs?: number | undefined;
  /** Members have this long to commit and rejoin in a rebalance. Default 60,000. */
  readonly rebalanceTimeoutMs?: number | undefined;
  /** A name that survives restarts: an instance back within the session timeout gets its tasks again without a rebalance. */
  readonly groupInstanceId?: string | undefined;
  /** `num.standby.replicas`: other instances that keep a copy of each task's state up from its changelogs, so that one of them takes over at once. Default 0. */
  readonly numStandbyReplicas?: number | undefined;
  /** `acceptable.recovery.lag`: a task with state moves only to an instance that lacks at most so many changelog offsets, while another one has it; until then it is warmed up there. Default 10,000. */
  readonly acceptableRecoveryLag?: number | undefined;
  /** `max.warmup.replicas`: tasks that are warmed up at their next instance at the same time, over the whole application. Default 2. */
  readonly maxWarmupReplicas?: number | undefined;
  /** `client.tag.*`: where this instance runs, such as `{ zone: 'a' }`. Standbys go where these differ from the owner's. */
  readonly clientTags?: Readonly<Record<string, string>> | undefined;
  /** Records of repartition topics are deleted this long after they were committed, at the earliest. Default 30,000. */
  readonly repartitionPurgeIntervalMs?: number | undefined;
  /** `max.task.idle.ms`: how long a task that has records of some inputs waits for another one that has been read to its end, as an earlier record may come. 0 (default): only for what is known to be in the log; −1: not even for that, so that inputs may be taken out of the order of their times. */
  readonly maxTaskIdleMs?: number | undefined;
  /** Fetched bytes waiting for processing, over all tasks; partitions are paused above their share. Default 64 MiB. */
  readonly maxBufferedBytes?: number | undefined;
  /** Longest time records are processed before the event loop is given back; at most 10. Default 5. */
  readonly sliceMs?: number | undefined;
  /** `statestore.cache.max.bytes`: what the caches of all stores may take together. A cache sends the last change of each key at a commit, or when it is full. Default 0: none, every change goes at once. (Kafka Streams: 10 MiB.) */
  readonly cacheMaxBytes?: number | undefined;
  /** Of internal topics. Default −1: the broker's. */
  readonly replicationFactor?: number | undefined;
  /** Further topic settings of internal topics, such as `min.insync.replicas`; they win over the defaults. */
  readonly internalTopicConfigs?: Readonly<Record<string, string>> | undefined;
  /** A topology whose state does not survive what changed in it since the last start is refused with what to do; 'accept' leaves behind what no longer fits. Default 'refuse'. */
  readonly topologyChanges?: TopologyChanges | undefined;
  /** Where to start an input that has no committed offset, or whose offset has been deleted. Default 'earliest'. */
  readonly offsetReset?: 'earliest' | 'latest' | undefined;
  readonly handlers?: StreamsHandlers | undefined;
  /** Where state is durable beside the changelogs. Default `memory`: nowhere. */
  readonly state?: StateOptions | undefined;
  /** Batching of output; the client's defaults otherwise, but `lingerMs` 0: what a slice has produced is a batch, and leaves at its end. Changelog records wait for a commit, a full batch or 25 ms. */
  readonly producer?:
    | Pick<BatchProducerOptions, 'lingerMs' | 'maxBatchBytes' | 'maxBufferedBytes' | 'compression'>
    | undefined;
  /** Default: warnings and errors go to stderr, as JSON lines. */
  readonly logger?: Logger | undefined;
  /** Wall-clock time in milliseconds since the epoch; for tests. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

/** `StreamsConfig` with its defaults filled in. */
export interface ResolvedStreamsConfig {
  readonly applicationId: string;
  readonly kafka: KafkaClientOptions;
  readonly schemas: SchemaSource | undefined;
  readonly applicationServer: string | undefined;
  readonly queryHeaders: () => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  readonly queryTimeoutMs: number;
  readonly queryTryTimeoutMs: number;
  readonly processingGuarantee: ProcessingGuarantee;
  readonly transactionTimeoutMs: number;
  readonly taskTimeoutMs: number;
  readonly commitIntervalMs: number;
  readonly commitRecords: number;
  readonly commitBytes: number;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly repartitionPurgeIntervalMs: number;
  readonly numStandbyReplicas: number;
  readonly acceptableRecoveryLag: number;
  readonly maxWarmupReplicas: number;
  readonly clientTags: Readonly<Record<string, string>>;
  readonly groupInstanceId: string | undefined;
  readonly maxBufferedBytes: number;
  readonly sliceMs: number;
  readonly maxTaskIdleMs: number;
  readonly cacheMaxBytes: number;
  readonly replicationFactor: number;
  readonly internalTopicConfigs: Readonly<Record<string, string>>;
  readonly topologyChanges: TopologyChanges;
  readonly offsetReset: 'earliest' | 'latest';
  readonly handlers: Required<{ [H in keyof StreamsHandlers]: NonNullable<StreamsHandlers[H]> }>;
  readonly state: StateOptions;
  readonly producer: NonNullable<StreamsConfig['producer']>;
  readonly logger: Logger;
  readonly clock: () => number;
}

const DEFAULTS = {
  queryTimeoutMs: 2_000,
  queryTryTimeoutMs: 1_000,
  transactionTimeoutMs: 10_000,
  taskTimeoutMs: 300_000,
  commitIntervalMs: 100,
  commitRecords: 100_000,
  commitBytes: 2 * 1024 * 1024,
  sessionTimeoutMs: 10_000,
  heartbeatIntervalMs: 500,
  rebalanceTimeoutMs: 60_000,
  repartitionPurgeIntervalMs: 30_000,
  numStandbyReplicas: 0,
  acceptableRecoveryLag: 10_000,
  maxWarmupReplicas: 2,
  maxBufferedBytes: 64 * 1024 * 1024,
  sliceMs: 5,
  maxTaskIdleMs: 0,
  cacheMaxBytes: 0,
  replicationFactor: -1,
} as const;

/** Smallest and greatest value of each numeric setting. */
const RANGES: Readonly<Record<keyof typeof DEFAULTS, readonly [min: number, max: number]>> = {
  queryTimeoutMs: [1, 600_000],
  queryTryTimeoutMs: [1, 600_000],
  transactionTimeoutMs: [1_000, 900_000],
  taskTimeoutMs: [100, 86_400_000],
  commitIntervalMs: [0, 3_600_000],
  commitRecords: [1, 2 ** 40],
  commitBytes: [65_536, 2 ** 40],
  sessionTimeoutMs: [10, 1_800_000],
  heartbeatIntervalMs: [5, 600_000],
  rebalanceTimeoutMs: [100, 3_600_000],
  repartitionPurgeIntervalMs: [0, 3_600_000],
  numStandbyReplicas: [0, 10],
  acceptableRecoveryLag: [0, 2 ** 40],
  maxWarmupReplicas: [1, 1_000],
  maxBufferedBytes: [65_536, 2 ** 40],
  sliceMs: [1, 10],
  maxTaskIdleMs: [-1, 3_600_000],
  cacheMaxBytes: [0, 2 ** 40],
  replicationFactor: [-1, 32_767],
};

/** Legal in topic names, group ids and URLs at once. */
const APPLICATION_ID = /^[A-Za-z0-9._-]{1,100}$/;

/** Fills in the defaults. Throws one `StreamsError` (STREAMS_CONFIG) that names every problem. */
export function resolveConfig(config: StreamsConfig): ResolvedStreamsConfig {
  if (typeof config !== 'object' || config === null)
    throw new StreamsError('STREAMS_CONFIG', `the configuration is ${String(config)}; allowed: an object`);
  const numbers = { ...DEFAULTS, ...definedNumbers(config) };
  const problems = [...unknownSettings(config), ...problemsOf(config), ...rangeProblems(numbers)];
  if (numbers.heartbeatIntervalMs * 2 > numbers.sessionTimeoutMs) {
    problems.push(
      `heartbeatIntervalMs is ${numbers.heartbeatIntervalMs}; allowed: at most half of sessionTimeoutMs (${numbers.sessionTimeoutMs})`,
    );
  }
  if (config.processingGuarantee === 'exactly_once' && numbers.commitIntervalMs >= numbers.transactionTimeoutMs) {
    // The broker may abort each transaction before its commit.
    problems.push(
      `commitIntervalMs is ${numbers.commitIntervalMs}; allowed under exactly_once: less than transactionTimeoutMs (${numbers.transactionTimeoutMs})`,
    );
  }
  if (problems.length > 0)
    throw new StreamsError('STREAMS_CONFIG', `the configuration has problems: ${problems.join('; ')}`);
  return {
    ...numbers,
    applicationId: config.applicationId,
    processingGuarantee: config.processingGuarantee ?? 'at_least_once',
    kafka: config.kafka,
    schemas: config.schemas,
    applicationServer: config.applicationServer?.replace(/\/+$/, ''),
    queryHeaders: config.queryHeaders ?? (() => ({})),
    groupInstanceId: config.groupInstanceId,
    clientTags: config.clientTags ?? {},
    internalTopicConfigs: config.internalTopicConfigs ?? {},
    topologyChanges: config.topologyChanges ?? 'refuse',
    offsetReset: config.offsetReset ?? 'earliest',
    handlers: {
      deserialization: config.handlers?.deserialization ?? failOnError,
      processing: config.handlers?.processing ?? failOnError,
      production: config.handlers?.production ?? failOnError,
      uncaught: config.handlers?.uncaught ?? ((): 'shutdown-client' => 'shutdown-client'),
    },
    state: config.state ?? 'memory',
    producer: { lingerMs: 0, ...config.producer },
    logger: config.logger ?? stderrLogger,
    clock: config.clock ?? Date.now,
  };
}

function definedNumbers(config: StreamsConfig): Partial<Record<keyof typeof DEFAULTS, number>> {
  const numbers: Partial<Record<keyof typeof DEFAULTS, number>> = {};
  for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
    const value = config[name];
    if (value !== undefined) numbers[name] = value;
  }
  return numbers;
}

function problemsOf(config: StreamsConfig): string[] {
  const problems: string[] = [];
  // Callers without types leave things out too.
  const { applicationId, kafka } = config as Partial<StreamsConfig>;
  if (typeof applicationId !== 'string' || !APPLICATION_ID.test(applicationId)) {
    const found = applicationId === undefined ? 'missing' : `"${String(applicationId)}"`;
    problems.push(`applicationId is ${found}; allowed: 1 to 100 of A-Z a-z 0-9 . _ -`);
  }
  problems.push(...brokerProblems((kafka as Partial<KafkaClientOptions> | undefined)?.brokers));
  const server = config.applicationServer;
  if (server !== undefined && !isHttpOrigin(server)) {
    problems.push(`applicationServer is "${server}"; allowed: http://host:port or https://host:port`);
  }
  problems.push(...kindProblems(config), ...stateProblems(config.state));
  if (config.groupInstanceId === '') problems.push('groupInstanceId is empty; leave it out for a dynamic member');
  return problems;
}

function brokerProblems(brokers: readonly string[] | undefined): string[] {
  if (!Array.isArray(brokers) || brokers.length === 0)
    return ['kafka.brokers is empty; allowed: at least one host:port'];
  return brokers.flatMap((broker: unknown) => {
    try {
      parseBrokerAddress(String(broker));
      return [];
    } catch (error) {
      return [`kafka.brokers: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}

function rangeProblems(numbers: Record<keyof typeof DEFAULTS, number>): string[] {
  const problems: string[] = [];
  for (const name of Object.keys(RANGES) as (keyof typeof DEFAULTS)[]) {
    const [min, max] = RANGES[name];
    const value = numbers[name];
    if (!Number.isInteger(value) || value < min || value > max) {
      problems.push(`${name} is ${shown(value)}; allowed: integers from ${min} to ${max}`);
    }
  }
  return problems;
}

function isHttpOrigin(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:');
}
