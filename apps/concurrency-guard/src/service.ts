import { createTopics, deadLetterTopic, SchemaRegistrySource } from '@playhead/event-schemas';
import type { ConcurrencyGuard } from '@playhead/event-schemas';
import type { TopologyService } from '@playhead/service-kit';
import { concurrencyGuardSettings } from './config.ts';
import type { ConcurrencyGuardSettings } from './config.ts';
import type { DefaultPlan } from './guard-state.ts';
import { guardRoutes } from './http.ts';
import { Lookups } from './lookups.ts';
import { GuardMetrics } from './metrics/guard-metrics.ts';
import { registerMetrics } from './metrics/register-metrics.ts';
import { PolicyBook } from './policies/policy-book.ts';
import { buildTopology } from './topology.ts';

export { concurrencyGuardSettings } from './config.ts';
export type { ConcurrencyGuardSettings } from './config.ts';

/** The service, as `main.ts` runs it and tools/start composes it. Its lookups are the `ConcurrencyGuard`. */
export function concurrencyGuard(): TopologyService<typeof concurrencyGuardSettings, ConcurrencyGuard> {
  const book = new PolicyBook();
  const metrics = new GuardMetrics();
  return {
    name: 'concurrency-guard',
    settings: concurrencyGuardSettings,
    adminPort: 'CONCURRENCY_GUARD_ADMIN_PORT',
    topics: (options) => {
      const { heartbeats, entitlements, verdicts, decisions, concurrency, policies, tenantSettings } =
        createTopics(options);
      const read = [heartbeats, entitlements, policies, tenantSettings];
      return [...read, verdicts, decisions, concurrency, ...read.map((topic) => deadLetterTopic(topic))];
    },
    topology: (settings, options, running) =>
      buildTopology({
        topics: createTopics(options),
        defaultPlan: defaultPlanOf(settings),
        lease: { intervalMs: settings.HEARTBEAT_INTERVAL_MS, graceMs: settings.HEARTBEAT_GRACE_MS },
        sweepIntervalMs: settings.CONCURRENCY_GUARD_SWEEP_MS,
        caughtUp: () => running.isCaughtUp(),
        book,
        metrics,
      }),
    schemas: (access) => new SchemaRegistrySource(access),
    lookups: (streams, { settings, metrics: registry }) => {
      registerMetrics(registry, metrics, { streams, book, now: Date.now });
      return new Lookups({ streams, book, defaultPlan: defaultPlanOf(settings), now: Date.now });
    },
    routes: (_streams, _context, lookups) => guardRoutes(lookups),
  };
}

function defaultPlanOf({ DEFAULT_PLAN, DEFAULT_MAX_STREAMS }: ConcurrencyGuardSettings): DefaultPlan {
  return { plan: DEFAULT_PLAN, maxStreams: DEFAULT_MAX_STREAMS };
}
