import { avroSerde, topics as defaultTopics } from '@playhead/event-schemas';
import type { Topics } from '@playhead/event-schemas';
import { globalTable } from '@playhead/service-kit';
import { serdes, stores, Topology } from '@playhead/stream-core';
import type { SinkOptions, Topic } from '@playhead/stream-core';
import { EntitlementProcessor } from './entitlement-processor.ts';
import { SINKS } from './guard-announcer.ts';
import type { GuardOptions } from './guard-options.ts';
import { GuardProcessor, STORES } from './guard-processor.ts';
import { GuardMetrics } from './metrics/guard-metrics.ts';
import { PolicyBook } from './policies/policy-book.ts';
import { ACCOUNT_STATE_SCHEMA } from './stored-account.ts';
import type { AccountState } from './stored-account.ts';
import { SESSION_STATE_SCHEMA } from './stored-session.ts';
import type { StoredSession } from './stored-session.ts';

/** How the guard decides, and on which topics. */
export interface TopologyOptions extends Partial<GuardOptions> {
  readonly topics?: Topics;
}

/** What holds where nothing is said. */
const DEFAULTS: Omit<GuardOptions, 'book' | 'metrics'> = {
  defaultPlan: { plan: 'default', maxStreams: 2 },
  lease: { intervalMs: 10_000, graceMs: 15_000 },
  sweepIntervalMs: 1000,
  caughtUp: () => true,
};

/**
 * playback.heartbeats ──▶ guard ──▶ playback.verdicts, playback.decisions, playback.concurrency
 *                          │ ╲  ╲
 *                     sessions  accounts   book ◀── policies, tenants.settings (global tables)
 *                                ╱
 * accounts.entitlements ──▶ entitlements
 *
 * One sub-topology: everything about an account has one partition, so both stores and the log order are one task's.
 */
export function buildTopology({ topics = defaultTopics, ...given }: TopologyOptions = {}): Topology {
  const options: GuardOptions = { ...DEFAULTS, book: new PolicyBook(), metrics: new GuardMetrics(), ...given };
  const { heartbeats, entitlements, verdicts, decisions, concurrency, policies, tenantSettings } = topics;
  return new Topology()
    .addSource({ name: 'heartbeats', topics: [heartbeats.name], key: heartbeats.key, value: heartbeats.value })
    .addSource({ name: 'entitlements', topics: [entitlements.name], key: entitlements.key, value: entitlements.value })
    .addProcessor({ name: 'guard', parents: ['heartbeats'], supplier: () => new GuardProcessor(options) })
    .addProcessor({ name: 'entitle', parents: ['entitlements'], supplier: () => new EntitlementProcessor() })
    .addStateStore(
      stores.packedKeyValue<string, AccountState>({
        name: STORES.accounts,
        key: serdes.string,
        value: avroSerde(ACCOUNT_STATE_SCHEMA),
      }),
      ['guard', 'entitle'],
    )
    .addStateStore(
      stores.packedKeyValue<string, StoredSession>({
        name: STORES.sessions,
        key: serdes.string,
        value: avroSerde(SESSION_STATE_SCHEMA),
      }),
      ['guard'],
    )
    .addSink(sink(SINKS.verdicts, verdicts))
    .addSink(sink(SINKS.decisions, decisions))
    .addSink(sink(SINKS.concurrency, concurrency))
    .addGlobalStore(globalTable('policies', policies, (key, value, place) => options.book.apply(key, value, place)))
    .addGlobalStore(
      globalTable('settings', tenantSettings, (tenant, value) => options.book.applySettings(tenant, value)),
    );
}

function sink<K, V>(name: string, { name: topic, key, value, partitionKey }: Topic<K, V>): SinkOptions<K, V> {
  return { name, topic, key, value, partitionKey, parents: ['guard'] };
}
