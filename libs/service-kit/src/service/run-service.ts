import { KafkaClient } from '@playhead/stream-core/client';
import express from 'express';
import type { Server } from 'node:http';
import { createAdminServer } from '../health/admin-server.ts';
import { HealthChecks } from '../health/health-checks.ts';
import { createMetrics } from '../health/process-metrics.ts';
import { createLogger } from '../logging/logger.ts';
import type { ServiceLogger } from '../logging/logger.ts';
import { problem } from '../problem/problem.ts';
import type { Problem } from '../problem/problem.ts';
import { loadSettings, unknownVariables } from '../settings/load-settings.ts';
import type { Environment } from '../settings/load-settings.ts';
import type { SettingsShape, SettingValues } from '../settings/setting.ts';
import { sharedSettings } from '../settings/shared-settings.ts';
import { createServiceIdentity } from '../tokens/service-identity.ts';
import { kafkaOptions, schemaRegistryAccess, topicOptions } from './kafka-access.ts';
import { closeServer, listen } from './listen.ts';
import { prepareSomeTime, prepareTopics } from './prepare-topics.ts';
import { watchReadiness } from './readiness.ts';
import { startTopology } from './start-topology.ts';
import type {
  RunningService,
  ServiceContext,
  ServiceDefinition,
  ServiceOverrides,
  ServiceSettings,
  StartedPart,
} from './service-definition.ts';

/** Requests on the admin port have this long to finish when a service closes. */
const ADMIN_CLOSE_MS = 1_000;

/**
 * Starts a service: settings, logger, metrics, admin port, topics, then the topology or the plain service itself.
 * Resolves when it has started; `ready` follows. Throws `ConfigError` for settings, `ServiceError` for a port in use
 * or a topic with another partition count; nothing is left open then.
 */
export async function runService<S extends SettingsShape, L = undefined>(
  definition: ServiceDefinition<S, L>,
  overrides: ServiceOverrides = {},
): Promise<RunningService<L>> {
  const scrapes: (() => void)[] = [];
  const context = createContext(definition, overrides, scrapes);
  const { name, settings, health, logger } = context;
  let started = false;
  const internal = express.Router().use((_request, _response, next) => next(started ? undefined : notStarted(name)));
  const admin = createAdminServer({
    service: name,
    health,
    metrics: context.metrics,
    beforeScrape: () => scrapes.forEach((update) => update()),
    internal,
    serviceTokens: context.identity.serviceTokens,
    bodyMaxBytes: settings.ADMIN_BODY_MAX_BYTES,
    logger,
  });
  health.add('started', () => started || 'starting');
  const adminPort = await listenAdmin(admin, definition, context);
  try {
    const part = await startPart(definition, context, adminPort);
    if (part.routes !== undefined) internal.use(part.routes);
    started = true;
    logger.info({ adminPort }, 'started');
    return running(definition.name, context, admin, adminPort, internal, part);
  } catch (error) {
    await closeServer(admin, 0);
    throw error;
  }
}

/** Before its topics are there a service has no routes yet: whoever asks shall ask again, and not take it for one without them. */
const notStarted = (name: string): Problem =>
  problem(503, 'service-starting', {
    detail: `${name} has not started: it waits for Kafka`,
    headers: { 'retry-after': '1' },
  });

function createContext<S extends SettingsShape>(
  definition: ServiceDefinition<S, unknown>,
  overrides: ServiceOverrides,
  scrapes: (() => void)[],
): ServiceContext<S> {
  const env = overrides.env ?? process.env;
  const all = { ...sharedSettings, ...definition.settings };
  const settings = loadSettings(all, env) as ServiceSettings<S>;
  const shared = loadSettings(sharedSettings, env);
  const { name } = definition;
  const logger = overrides.logger ?? createLogger({ service: name, level: shared.LOG_LEVEL });
  for (const variable of misspelt(name, env, Object.keys(all))) {
    logger.warn({ variable }, 'there is no such setting');
  }
  return {
    name,
    settings,
    logger,
    metrics: overrides.metrics ?? createMetrics(name),
    health: new HealthChecks(),
    identity: createServiceIdentity(name, shared),
    kafka: kafkaOptions(name, shared, logger),
    schemaRegistry: schemaRegistryAccess(shared),
    topicOptions: topicOptions(shared),
    prepareTopics: () => prepareTopicsOf(definition, shared, logger),
    onScrape: (update) => void scrapes.push(update),
  };
}

async function prepareTopicsOf<S extends SettingsShape>(
  definition: ServiceDefinition<S, unknown>,
  settings: SettingValues<typeof sharedSettings>,
  logger: ServiceLogger,
): Promise<void> {
  const topics = definition.topics(topicOptions(settings));
  if (topics.length === 0) return;
  const client = new KafkaClient(kafkaOptions(definition.name, settings, logger));
  try {
    await prepareTopics(client, topics);
  } finally {
    await client.close();
  }
}

/** Variables that look like settings of this service but are none. `<SERVICE>_URL` is for those who call it. */
function misspelt(name: string, env: Environment, known: readonly string[]): readonly string[] {
  const prefix = `${name.replaceAll('-', '_').toUpperCase()}_`;
  return unknownVariables(
    env,
    [prefix, 'TOPIC_', 'KAFKA_SASL_', 'KAFKA_SSL', 'AUTH_', 'TICKET_'],
    [...known, `${prefix}URL`],
  );
}

function listenAdmin<S extends SettingsShape>(
  admin: Server,
  definition: ServiceDefinition<S, unknown>,
  { settings }: ServiceContext<S>,
): Promise<number> {
  const port = settings[definition.adminPort];
  if (typeof port !== 'number') throw new TypeError(`${definition.adminPort} is no port`);
  return listen(admin, { port, host: settings.BIND_ADDRESS, setting: definition.adminPort });
}

async function startPart<S extends SettingsShape, L>(
  definition: ServiceDefinition<S, L>,
  context: ServiceContext<S>,
  adminPort: number,
): Promise<StartedPart<L>> {
  const isAlone = 'startsWithoutKafka' in definition && definition.startsWithoutKafka;
  if (!isAlone) await prepareSomeTime(context.prepareTopics, context.logger);
  return 'start' in definition ? definition.start(context) : startTopology(definition, context, adminPort);
}

function running<L>(
  name: string,
  { health, logger }: ServiceContext<SettingsShape>,
  admin: Server,
  adminPort: number,
  routes: express.Router,
  part: StartedPart<L>,
): RunningService<L> {
  const closing = Promise.withResolvers<undefined>();
  const readiness = watchReadiness(health);
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    health.stop();
    readiness.stop();
    logger.info({}, 'stopping');
    await part.close();
    await closeServer(admin, ADMIN_CLOSE_MS);
    logger.info({}, 'stopped');
    closing.resolve(undefined);
  };
  return {
    name,
    adminPort,
    routes,
    lookups: part.lookups as L,
    ready: readiness.ready.then(() => logger.info({ adminPort }, 'ready')),
    ended: part.ended === undefined ? closing.promise : Promise.race([part.ended, closing.promise]),
    close: () => (closed ??= close()),
  };
}
