import { join } from 'node:path';
import { KafkaStreams } from '@playhead/stream-core';
import type { StateOptions, StreamsConfig, Topology } from '@playhead/stream-core';
import { Router } from 'express';
import { publishStreamsMetrics } from '../health/streams-metrics.ts';
import { ConfigError } from '../settings/load-settings.ts';
import type { SettingsShape, SettingValues } from '../settings/setting.ts';
import type { SharedSettings } from '../settings/shared-settings.ts';
import { deadLetterHandlers } from './dead-letter-handlers.ts';
import type { ServiceContext, StartedPart, TopologyService } from './service-definition.ts';

/** How often a member says that it lives and hears of a rebalance: this often, or three times in a session that is shorter. */
const HEARTBEAT_MS = 500;
const HEARTBEATS_PER_SESSION = 3;
/** Left of `SHUTDOWN_TIMEOUT_MS` for the admin port, when the streams take all they may. */
const RESERVED_FOR_ADMIN_MS = 500;

/** Builds and starts the KafkaStreams of a topology. It joins its group in the background: `health` says when it is ready. */
export function startTopology<S extends SettingsShape, L>(
  definition: TopologyService<S, L>,
  context: ServiceContext<S>,
  adminPort: number,
): StartedPart<L> {
  const { health, settings, topicOptions, logger } = context;
  // A topology is there before what runs it; its processors ask when they run.
  const running = { isCaughtUp: (): boolean => streams.isCaughtUp };
  const topology: Topology = definition.topology(settings, topicOptions, running);
  const streams: KafkaStreams = new KafkaStreams(topology, streamsConfig(definition, context, adminPort));
  health.add('streams', () => readiness(streams));
  publishStreamsMetrics(context, () => streams.metrics());
  const ended = failure(streams);
  streams.start().catch((err: unknown) => logger.debug({ err }, 'not started'));

  const routes = Router().post(`/streams/${streams.applicationId}/query`, streams.queryHandler);
  const lookups = definition.lookups?.(streams, context) as L;
  const own = definition.routes?.(streams, context, lookups);
  if (own !== undefined) routes.use(own);
  const timeoutMs = Math.max(RESERVED_FOR_ADMIN_MS, settings.SHUTDOWN_TIMEOUT_MS - RESERVED_FOR_ADMIN_MS);
  return {
    routes,
    lookups,
    ended,
    close: async () => {
      const inTime = await streams.close({ timeoutMs });
      if (!inTime) logger.warn({ timeoutMs }, 'the streams did not close in time');
    },
  };
}

function streamsConfig<S extends SettingsShape>(
  definition: TopologyService<S, unknown>,
  context: ServiceContext<S>,
  adminPort: number,
): StreamsConfig {
  const settings: SettingValues<SharedSettings> = context.settings;
  const { topicOptions, identity, kafka, logger, schemaRegistry } = context;
  return {
    applicationId: `${topicOptions.prefix}${definition.name}`,
    kafka,
    logger,
    processingGuarantee: definition.processingGuarantee,
    schemas: definition.schemas?.(schemaRegistry),
    applicationServer: `http://${settings.ADVERTISED_HOST ?? settings.BIND_ADDRESS}:${adminPort}`,
    queryHeaders: () => ({ authorization: `Bearer ${identity.serviceTokens.sign()}` }),
    state: stateOptions(settings),
    sessionTimeoutMs: settings.STREAMS_SESSION_TIMEOUT_MS,
    heartbeatIntervalMs: Math.min(
      HEARTBEAT_MS,
      Math.floor(settings.STREAMS_SESSION_TIMEOUT_MS / HEARTBEATS_PER_SESSION),
    ),
    numStandbyReplicas: settings.STREAMS_STANDBY_REPLICAS,
    replicationFactor: topicOptions.replicationFactor,
    internalTopicConfigs: { 'min.insync.replicas': String(topicOptions.minInSyncReplicas) },
    handlers: deadLetterHandlers(logger, { monotonicMs: () => performance.now() }),
  };
}

function stateOptions(settings: SettingValues<SharedSettings>): StateOptions {
  const { STREAMS_STATE: state, STREAMS_STATE_DIR, STREAMS_STATE_REDIS_URL: url, PLAYHEAD_DATA_DIR } = settings;
  if (state === 'lmdb') return { lmdb: { stateDir: STREAMS_STATE_DIR ?? join(PLAYHEAD_DATA_DIR, 'state') } };
  if (state !== 'redis') return 'memory';
  if (url === undefined) {
    throw new ConfigError([{ name: 'STREAMS_STATE_REDIS_URL', message: 'is required where STREAMS_STATE is redis' }]);
  }
  return { redis: { url } };
}

function readiness(streams: KafkaStreams): true | string {
  if (streams.isCaughtUp) return true;
  if (streams.state !== 'RUNNING') return `the application is ${streams.state}`;
  const behind = streams.tasks().filter(({ caughtUp }) => !caughtUp);
  return `tasks still catching up: ${behind.map(({ task }) => task).join(', ')}`;
}

/** Resolves to the error when the application has ended by one. */
function failure(streams: KafkaStreams): Promise<Error> {
  return new Promise((resolve) => {
    streams.onStateChange((state) => {
      if (state !== 'ERROR') return;
      const { error } = streams;
      resolve(error instanceof Error ? error : new Error(`the application ended by an error: ${String(error)}`));
    });
  });
}
