import { createTopics, deadLetterTopic, SchemaRegistrySource } from '@playhead/event-schemas';
import type { ConcurrencyGuard } from '@playhead/event-schemas';
import type { TopologyService } from '@playhead/service-kit';
import { concurrencyGuardSettings } from './config.ts';
import { guardRoutes } from './http.ts';
import { createLookups } from './lookups.ts';
import { buildTopology } from './topology.ts';

export { concurrencyGuardSettings } from './config.ts';
export type { ConcurrencyGuardSettings } from './config.ts';

/** The service, as `main.ts` runs it and tools/start composes it. Its lookups are the `ConcurrencyGuard`. */
export function concurrencyGuard(): TopologyService<typeof concurrencyGuardSettings, ConcurrencyGuard> {
  return {
    name: 'concurrency-guard',
    settings: concurrencyGuardSettings,
    adminPort: 'CONCURRENCY_GUARD_ADMIN_PORT',
    topics: (options) => {
      const { heartbeats, entitlements, verdicts, decisions } = createTopics(options);
      return [
        heartbeats,
        entitlements,
        verdicts,
        decisions,
        deadLetterTopic(heartbeats),
        deadLetterTopic(entitlements),
      ];
    },
    topology: (settings, options, running) =>
      buildTopology({
        topics: createTopics(options),
        defaultPlan: { plan: settings.DEFAULT_PLAN, maxStreams: settings.DEFAULT_MAX_STREAMS },
        lease: { intervalMs: settings.HEARTBEAT_INTERVAL_MS, graceMs: settings.HEARTBEAT_GRACE_MS },
        sweepIntervalMs: settings.CONCURRENCY_GUARD_SWEEP_MS,
        caughtUp: () => running.isCaughtUp(),
      }),
    schemas: (access) => new SchemaRegistrySource(access),
    lookups: (streams) => createLookups(streams, Date.now),
    routes: (_streams, _context, lookups) => guardRoutes(lookups),
  };
}
