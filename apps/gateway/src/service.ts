import type { ConcurrencyGuard, Topics } from '@playhead/event-schemas';
import { createTopics, deadLetterTopic, SchemaRegistrySource } from '@playhead/event-schemas';
import { closeServer, listen } from '@playhead/service-kit';
import type { PlainService, ServiceContext, StartedPart } from '@playhead/service-kit';
import { KafkaClient, RecordProducer } from '@playhead/stream-core/client';
import { becomeReady } from './become-ready.ts';
import { gatewaySettings } from './config.ts';
import { createOwnParts, tableGauges } from './create-parts.ts';
import { directorySize } from './data-directory-size.ts';
import { followVerdicts } from './follow-verdicts.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { createGatewayServer } from './gateway-server.ts';
import { openBacklog } from './open-backlog.ts';
import { ConcurrencyGuardClient } from './guard/concurrency-guard-client.ts';
import { registerMetrics } from './metrics/typed-metrics.ts';
import { LogHealth } from './records/log-health.ts';
import { ProducerEventLog } from './records/producer-event-log.ts';

const DATA_SIZE_MAX_AGE_MS = 5_000;
const LOG_PROBE_TIMEOUT_MS = 2_000;
/** Requests have this long to finish when the gateway closes; then records that wait for Kafka as long again. */
const CLOSE_MS = 2_000;

type Context = ServiceContext<typeof gatewaySettings>;

/** Services that the gateway asks directly because they share its process. */
export interface GatewayPeers {
  /** Without it the guard is asked at `CONCURRENCY_GUARD_URL`. */
  readonly concurrencyGuard?: ConcurrencyGuard;
}

/** Where a started gateway listens. */
export interface GatewayAddress {
  readonly port: number;
}

/** The gateway, as `main.ts` runs it and tools/start composes it. */
export function gatewayService(peers: GatewayPeers = {}): PlainService<typeof gatewaySettings, GatewayAddress> {
  return {
    name: 'gateway',
    settings: gatewaySettings,
    adminPort: 'GATEWAY_ADMIN_PORT',
    startsWithoutKafka: true,
    topics: (options) => {
      const { heartbeats, events, entitlements, verdicts, decisions } = createTopics(options);
      return [heartbeats, events, deadLetterTopic(events), entitlements, verdicts, decisions];
    },
    start: (context) => start(context, peers),
  };
}

interface LogParts extends Pick<GatewayParts, 'metrics'> {
  readonly client: KafkaClient;
  readonly producer: RecordProducer;
  readonly topics: Topics;
}

function createLog(
  { settings, logger }: Context,
  { client, producer, topics, metrics }: LogParts,
): { readonly log: ProducerEventLog; readonly logHealth: LogHealth } {
  const logHealth = new LogHealth({
    probe: () => client.partitionsOf([topics.heartbeats.name]),
    now: Date.now,
    probeTimeoutMs: LOG_PROBE_TIMEOUT_MS,
  });
  const log = new ProducerEventLog(producer, topics, {
    timeoutMs: settings.GATEWAY_LOG_TIMEOUT_MS,
    maxPending: settings.GATEWAY_MAX_PENDING_RECORDS,
    health: logHealth,
    logger,
    onQueued: (outcome) => metrics.queued.add(outcome),
  });
  return { log, logHealth };
}

async function start(context: Context, peers: GatewayPeers): Promise<StartedPart<GatewayAddress>> {
  const { settings, logger, identity, schemaRegistry } = context;
  const client = new KafkaClient(context.kafka);
  const topics = createTopics(context.topicOptions);
  const schemas = new SchemaRegistrySource(schemaRegistry);
  // What a client was told is not stored should not turn up later as a start that holds a slot.
  const producer = new RecordProducer(client, { schemas, deliveryTimeoutMs: settings.GATEWAY_LOG_TIMEOUT_MS });
  const own = createOwnParts(settings);
  const { metrics } = own;
  const { log, logHealth } = createLog(context, { client, producer, topics, metrics });
  const failed = Promise.withResolvers<Error>();
  const backlog = await openBacklog({
    dataDirectory: settings.PLAYHEAD_DATA_DIR,
    maxBytes: settings.GATEWAY_QUEUE_MAX_BYTES,
    log,
    metrics,
    logger,
    onError: failed.resolve,
  });
  let verdicts: ReturnType<typeof followVerdicts> | undefined;
  const follow = () =>
    (verdicts = followVerdicts({ client, topics, schemas, ...own, logger, onError: failed.resolve }));
  const parts: GatewayParts = {
    settings,
    log,
    guard: peers.concurrencyGuard ?? new ConcurrencyGuardClient(settings.CONCURRENCY_GUARD_URL, identity.serviceTokens),
    tokens: identity.tokens,
    tickets: identity.tickets,
    development: identity.development,
    ...own,
    logger,
    dataDirectoryBytes: directorySize(settings.PLAYHEAD_DATA_DIR, { maxAgeMs: DATA_SIZE_MAX_AGE_MS, now: Date.now }),
    now: Date.now,
  };
  registerMetrics(context.metrics, [...metrics.all, ...tableGauges(own), ...backlog.gauges]);
  const stopping = new AbortController();
  const { blocked } = own;
  const { health } = context;
  becomeReady({
    producer,
    prepareTopics: () => context.prepareTopics(),
    followVerdicts: follow,
    topics,
    blocked,
    health,
    takesRecords: { check: () => backlog.hasRoom() || logHealth.check() },
    logger,
    stopping: stopping.signal,
  }).catch((error: Error) => stopping.signal.aborted || failed.resolve(error));
  const server = createGatewayServer(parts, settings.TRUSTED_PROXIES);
  const close = async (): Promise<void> => {
    stopping.abort();
    await closeServer(server, CLOSE_MS);
    await verdicts?.close();
    await Promise.all([backlog.close(), producer.close(CLOSE_MS)]);
    await client.close();
  };
  try {
    const port = await listen(server, {
      port: settings.GATEWAY_PORT,
      host: settings.BIND_ADDRESS,
      setting: 'GATEWAY_PORT',
    });
    return { close, lookups: { port }, ended: failed.promise };
  } catch (error) {
    await close();
    throw error;
  }
}
