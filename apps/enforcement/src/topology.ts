import { topics as defaultTopics } from '@playhead/event-schemas';
import type { Topics } from '@playhead/event-schemas';
import { globalTable } from '@playhead/service-kit';
import { serdes, stores, Topology } from '@playhead/stream-core';
import { EnforcementProcessor, REVOCATIONS } from './enforcement-processor.ts';
import type { EnforcementOptions } from './enforcement-processor.ts';
import type { Revocation } from './revocation.ts';
import type { Webhooks } from './webhooks.ts';

/** How streams are revoked, and on which topics. */
export interface TopologyOptions extends EnforcementOptions {
  readonly topics?: Topics;
  readonly webhooks: Webhooks;
}

/**
 * playback.verdicts ──▶ enforce ──▶ (webhooks, beside the records)
 *                          │
 *                     revocations     webhooks ◀── tenants.settings (global table)
 */
export function buildTopology({ topics = defaultTopics, webhooks, ...options }: TopologyOptions): Topology {
  const { verdicts, tenantSettings } = topics;
  return new Topology()
    .addSource({ name: 'verdicts', topics: [verdicts.name], key: verdicts.key, value: verdicts.value })
    .addProcessor({ name: 'enforce', parents: ['verdicts'], supplier: () => new EnforcementProcessor(options) })
    .addStateStore(
      stores.keyValue<string, Revocation>({
        name: REVOCATIONS,
        key: serdes.string,
        value: serdes.json<Revocation>(),
      }),
      ['enforce'],
    )
    .addGlobalStore(globalTable('settings', tenantSettings, (tenant, value) => webhooks.apply(tenant, value)));
}
