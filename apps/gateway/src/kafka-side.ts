import { createTopics, SchemaRegistrySource } from '@playhead/event-schemas';
import type { Topics } from '@playhead/event-schemas';
import type { ServiceContext } from '@playhead/service-kit';
import { KafkaClient, RecordProducer } from '@playhead/stream-core/client';
import { becomeReady } from './become-ready.ts';
import type { gatewaySettings, GatewaySettings } from './config.ts';
import type { OwnParts } from './create-parts.ts';
import { followTopics } from './follow-topics.ts';
import type { FollowedTopic } from './follow-topics.ts';
import type { Gauge } from './metrics/typed-metrics.ts';
import { openBacklog } from './open-backlog.ts';
import type { EventLog } from './records/event-log.ts';
import { LogHealth } from './records/log-health.ts';
import { NewestPosition } from './records/newest-position.ts';
import { ProducerEventLog } from './records/producer-event-log.ts';

const LOG_PROBE_TIMEOUT_MS = 2_000;
/** Reports have waited for company before (`nextCohort`), and all else should go at once. */
const LINGER_MS = 0;
/** Records that wait for Kafka have this long when the gateway closes. */
const CLOSE_MS = 2_000;
/** A gateway that is started again answers nobody "continue" before it knows who was told to stop, unless that takes longer. */
const FOLLOWED_WITHIN_MS = 5_000;

/** What connects the gateway with Kafka: the log that it writes, the disk behind it, and what it follows. */
export interface KafkaSide {
  readonly log: EventLog;
  readonly gauges: readonly Gauge[];
  /** Records that wait for Kafka, as a share of those that may. */
  readonly pendingShare: () => number;
  /** Sees to the conditions of `/health/ready`. Resolves when verdicts and rules have been read, or after 5 s: while Kafka is away players are answered without. */
  begin(): Promise<void>;
  close(): Promise<void>;
}

/** Opens it; nothing waits for Kafka before `begin`. `fail` is told what ends the gateway. Rejects with `DirectoryInUseError`. */
export async function openKafkaSide(
  context: ServiceContext<typeof gatewaySettings>,
  own: OwnParts,
  fail: (error: Error) => void,
): Promise<KafkaSide> {
  const { settings, logger, health } = context;
  const client = new KafkaClient(context.kafka);
  const topics = createTopics(context.topicOptions);
  const schemas = new SchemaRegistrySource(context.schemaRegistry);
  const producer = new RecordProducer(client, { schemas, ...timesOfProducer(settings) });
  const logHealth = healthOfLog(client, topics);
  const { blocked, metrics } = own;
  const log = new ProducerEventLog(producer, topics, {
    ...boundsOfLog(settings),
    newest: new NewestPosition(client, topics.heartbeats.name),
    health: logHealth,
    logger,
    onQueued: (outcome) => metrics.queued.add(outcome),
  });
  const backlog = await openBacklog({
    ...boundsOfBacklog(settings),
    dataDirectory: settings.PLAYHEAD_DATA_DIR,
    log,
    metrics,
    logger,
    onError: fail,
  });
  const stopping = new AbortController();
  let followed: readonly FollowedTopic[] = [];
  const follow = () => (followed = followTopics({ ...own, client, topics, schemas, logger, onError: fail }));
  return {
    log,
    gauges: backlog.gauges,
    pendingShare: () => (log.pending + backlog.held()) / settings.GATEWAY_MAX_PENDING_RECORDS,
    begin() {
      const read = promiseWithin(FOLLOWED_WITHIN_MS);
      becomeReady({
        onFollowed: read.resolve,
        producer,
        prepareTopics: () => context.prepareTopics(),
        follow,
        topics,
        blocked,
        health,
        takesRecords: { check: () => backlog.hasRoom() || logHealth.check() },
        logger,
        stopping: stopping.signal,
      })
        .catch((error: Error) => stopping.signal.aborted || fail(error))
        .finally(read.resolve);
      return read.promise;
    },
    async close() {
      stopping.abort();
      await Promise.all(followed.map((reader) => reader.close()));
      await Promise.all([backlog.close(), producer.close(CLOSE_MS)]);
      await client.close();
    },
  };
}

/** Resolves after so long by itself. */
function promiseWithin(ms: number): { readonly promise: Promise<void>; readonly resolve: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  return { promise: promise.finally(() => clearTimeout(timer)), resolve };
}

/** What a client was told is not stored should not turn up later as a start that holds a slot. */
function timesOfProducer(settings: GatewaySettings) {
  return { lingerMs: LINGER_MS, deliveryTimeoutMs: settings.GATEWAY_LOG_TIMEOUT_MS };
}

function boundsOfLog(settings: GatewaySettings) {
  return { timeoutMs: settings.GATEWAY_LOG_TIMEOUT_MS, maxPending: settings.GATEWAY_MAX_PENDING_RECORDS };
}

function boundsOfBacklog(settings: GatewaySettings) {
  return { maxBytes: settings.GATEWAY_QUEUE_MAX_BYTES, maxPending: settings.GATEWAY_MAX_PENDING_RECORDS };
}

function healthOfLog(client: KafkaClient, topics: Topics): LogHealth {
  return new LogHealth({
    probe: () => client.partitionsOf([topics.heartbeats.name]),
    probeTimeoutMs: LOG_PROBE_TIMEOUT_MS,
    monotonicMs: () => performance.now(),
  });
}
