import { createTopics, deadLetterTopic, SchemaRegistrySource } from '@playhead/event-schemas';
import type { ServiceContext, SettingsShape, TopologyService } from '@playhead/service-kit';
import { enforcementSettings } from './config.ts';
import type { EnforcementSettings } from './config.ts';
import { FailureLog } from './failure-log.ts';
import { FairSlots } from './fair-slots.ts';
import { enforcementRoutes } from './http.ts';
import { Outbox } from './outbox.ts';
import type { OutboxCounts } from './outbox.ts';
import { sendRevocation } from './sender.ts';
import { buildTopology } from './topology.ts';
import { Webhooks } from './webhooks.ts';

/** The service, as `main.ts` runs it and tools/start composes it. */
export function enforcement(): TopologyService<typeof enforcementSettings, OutboxCounts> {
  const counts: OutboxCounts = { acknowledged: 0, failed: 0, givenUp: 0, nobody: 0, pending: 0, inFlight: 0 };
  const failures = new FailureLog({ monotonicMs: () => performance.now() });
  return {
    name: 'enforcement',
    settings: enforcementSettings,
    adminPort: 'ENFORCEMENT_ADMIN_PORT',
    topics: (options) => {
      const { verdicts, tenantSettings } = createTopics(options);
      return [verdicts, tenantSettings, deadLetterTopic(verdicts), deadLetterTopic(tenantSettings)];
    },
    topology: (settings, options) => {
      const webhooks = new Webhooks({
        keys: settings.ENFORCEMENT_WEBHOOK_KEYS ?? [],
        url: settings.ENFORCEMENT_WEBHOOK_URL,
        hosts: settings.ENFORCEMENT_WEBHOOK_HOSTS,
      });
      const slots = new FairSlots(settings.ENFORCEMENT_MAX_IN_FLIGHT);
      return buildTopology({
        topics: createTopics(options),
        webhooks,
        outbox: () => outboxOf(settings, { webhooks, slots, failures, metrics: counts }),
        sweepMs: settings.ENFORCEMENT_SWEEP_MS,
        maxAgeMs: settings.ENFORCEMENT_MAX_AGE_MS,
        maxPending: settings.ENFORCEMENT_MAX_PENDING,
      });
    },
    schemas: (access) => new SchemaRegistrySource(access),
    lookups: (_streams, { metrics, logger }) => {
      failures.useLogger(logger);
      registerCounts(metrics, counts);
      return counts;
    },
    routes: () => enforcementRoutes(counts),
  };
}

function outboxOf(
  settings: EnforcementSettings,
  {
    webhooks,
    slots,
    failures,
    metrics,
  }: {
    readonly webhooks: Webhooks;
    readonly slots: FairSlots;
    readonly failures: FailureLog;
    readonly metrics: OutboxCounts;
  },
): Outbox {
  const timeoutMs = settings.ENFORCEMENT_TIMEOUT_MS;
  const onFailed = (tenant: string, why: string): void => failures.failed(tenant, why);
  return new Outbox({
    send: (revocation) => sendRevocation(revocation, { webhooks, timeoutMs, now: Date.now, onFailed }),
    firstRetryMs: settings.ENFORCEMENT_FIRST_RETRY_MS,
    maxRetryMs: settings.ENFORCEMENT_MAX_RETRY_MS,
    maxAgeMs: settings.ENFORCEMENT_MAX_AGE_MS,
    slots,
    targetOf: ({ tenant }) => webhooks.of(tenant)?.url ?? '',
    metrics,
    monotonicMs: () => performance.now(),
    random: Math.random,
  });
}

/** prom-client's registry, as a service is given it. */
type Registry = ServiceContext<SettingsShape>['metrics'];

const OUTCOMES = ['acknowledged', 'failed', 'givenUp', 'nobody'] as const;

/** The counts are read from plain numbers when Prometheus asks. */
function registerCounts(registry: Registry, counts: OutboxCounts): void {
  const families = [
    {
      name: 'enforcement_sendings_total',
      help: 'Revocations sent, given up, or of tenants without a webhook, by outcome.',
      type: 'counter',
      read: () => OUTCOMES.map((outcome) => ({ value: counts[outcome], labels: { outcome } })),
    },
    {
      name: 'enforcement_pending_revocations',
      help: 'Revocations that no webhook has acknowledged yet.',
      type: 'gauge',
      read: () => [{ value: counts.pending, labels: {} }],
    },
  ];
  for (const { read, ...family } of families) {
    const metric = { ...family, aggregator: 'sum', reset: () => undefined };
    registry.registerMetric({ ...metric, get: () => ({ ...metric, values: read() }) } as unknown as Parameters<
      Registry['registerMetric']
    >[0]);
  }
}
