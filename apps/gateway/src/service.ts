import { hostname } from 'node:os';
import type { ConcurrencyGuard } from '@playhead/event-schemas';
import { createTopics, deadLetterTopic } from '@playhead/event-schemas';
import { closeServer, listen } from '@playhead/service-kit';
import type { PlainService, ServiceContext, StartedPart } from '@playhead/service-kit';
import { gatewaySettings } from './config.ts';
import { createOwnParts, tableGauges } from './create-parts.ts';
import { directorySize } from './data-directory-size.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { createGatewayServer } from './gateway-server.ts';
import { ConcurrencyGuardClient } from './guard/concurrency-guard-client.ts';
import { openKafkaSide } from './kafka-side.ts';
import { registerMetrics } from './metrics/typed-metrics.ts';
import { LoadMeter } from './tables/load-meter.ts';

const DATA_SIZE_MAX_AGE_MS = 5_000;
/** Requests have this long to finish when the gateway closes. */
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
      const { heartbeats, events, entitlements, verdicts, decisions, policies, tenantSettings } = createTopics(options);
      return [heartbeats, events, deadLetterTopic(events), entitlements, verdicts, decisions, policies, tenantSettings];
    },
    start: (context) => start(context, peers),
  };
}

async function start(context: Context, peers: GatewayPeers): Promise<StartedPart<GatewayAddress>> {
  const { settings, logger, identity } = context;
  const own = createOwnParts(settings, Date.now);
  const failed = Promise.withResolvers<Error>();
  const kafka = await openKafkaSide(context, own, failed.resolve);
  const meter = new LoadMeter({ pendingShare: kafka.pendingShare, now: Date.now });
  const parts: GatewayParts = {
    settings,
    log: kafka.log,
    guard: peers.concurrencyGuard ?? new ConcurrencyGuardClient(settings.CONCURRENCY_GUARD_URL, identity.serviceTokens),
    tokens: identity.tokens,
    tickets: identity.tickets,
    terminations: identity.terminations,
    development: identity.development,
    ...own,
    load: () => meter.load,
    random: Math.random,
    instance: settings.GATEWAY_INSTANCE ?? hostname(),
    logger,
    dataDirectoryBytes: directorySize(settings.PLAYHEAD_DATA_DIR, { maxAgeMs: DATA_SIZE_MAX_AGE_MS, now: Date.now }),
    now: Date.now,
    monotonicMs: () => performance.now(),
  };
  registerMetrics(context.metrics, [...own.metrics.all, ...tableGauges(own), ...kafka.gauges]);
  await kafka.begin();
  const server = createGatewayServer(parts, settings.TRUSTED_PROXIES);
  const close = async (): Promise<void> => {
    own.feed.close();
    await closeServer(server, CLOSE_MS);
    await kafka.close();
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
