import { serdes } from '@playhead/stream-core';
import { accountKeyOfSession } from '../keys/record-keys.ts';
import { avroSerde } from '../serde/avro-serde.ts';
import { ACCOUNT_ENTITLEMENT_SCHEMA } from '../events/account-entitlement.ts';
import type { AccountEntitlement } from '../events/account-entitlement.ts';
import { PLAYBACK_DECISION_SCHEMA } from '../events/playback-decision.ts';
import type { PlaybackDecision } from '../events/playback-decision.ts';
import { PLAYBACK_EVENT_SCHEMA } from '../events/playback-event.ts';
import type { PlaybackEvent } from '../events/playback-event.ts';
import { PLAYBACK_HEARTBEAT_SCHEMA } from '../events/playback-heartbeat.ts';
import type { PlaybackHeartbeat } from '../events/playback-heartbeat.ts';
import { PLAYBACK_VERDICT_SCHEMA } from '../events/playback-verdict.ts';
import type { PlaybackVerdict } from '../events/playback-verdict.ts';
import { CONCURRENCY_LEVEL_SCHEMA } from '../events/concurrency-level.ts';
import type { ConcurrencyLevel } from '../events/concurrency-level.ts';
import { TENANT_POLICY_SCHEMA } from '../events/tenant-policy.ts';
import type { TenantPolicy } from '../events/tenant-policy.ts';
import { TENANT_SETTINGS_SCHEMA } from '../events/tenant-settings.ts';
import type { TenantSettings } from '../events/tenant-settings.ts';
import type { CatalogueTopic, DeadLetterTopic, TopicDescription } from './catalogue-topic.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** How an installation wants its topics. */
export interface TopicOptions {
  /** Put in front of every name, such as `staging.` (`TOPIC_PREFIX`). */
  readonly prefix?: string;
  /** Of every topic, because what belongs to an account has to have the same partition everywhere (`TOPIC_PARTITIONS`). Default 12. */
  readonly partitions?: number;
  /** Default −1, the broker's (`TOPIC_REPLICATION_FACTOR`). */
  readonly replicationFactor?: number;
  /** `min.insync.replicas`; the broker's when absent (`TOPIC_MIN_INSYNC_REPLICAS`). */
  readonly minInSyncReplicas?: number;
}

/** Every topic of the platform with its types. Pure values: nothing is connected or created. */
export interface Topics {
  /** `playback.heartbeats`, keyed tenant/account. */
  readonly heartbeats: CatalogueTopic<PlaybackHeartbeat>;
  /** `playback.events`, keyed tenant/account. */
  readonly events: CatalogueTopic<PlaybackEvent>;
  /** `playback.decisions`, keyed tenant/account. */
  readonly decisions: CatalogueTopic<PlaybackDecision>;
  /** `playback.verdicts`, keyed tenant/account/session and partitioned by tenant/account. */
  readonly verdicts: CatalogueTopic<PlaybackVerdict>;
  /** `accounts.entitlements`, keyed tenant/account. */
  readonly entitlements: CatalogueTopic<AccountEntitlement>;
  /** `policies`, keyed tenant/policy: every instance of the guard reads all of it. */
  readonly policies: CatalogueTopic<TenantPolicy>;
  /** `tenants.settings`, keyed tenant. */
  readonly tenantSettings: CatalogueTopic<TenantSettings>;
  /** `playback.concurrency`, keyed tenant/account: attempts, denials, kills and the level of each account. */
  readonly concurrency: CatalogueTopic<ConcurrencyLevel>;
}

/** The catalogue for an installation. Throws `RangeError` for an impossible option. */
export function createTopics(options: TopicOptions = {}): Topics {
  const { prefix = '', partitions = 12 } = options;
  if (!Number.isInteger(partitions) || partitions < 1) {
    throw new RangeError(`partitions is ${partitions}, allowed is a whole number from 1`);
  }
  if (!/^[A-Za-z0-9._-]{0,64}$/.test(prefix)) {
    throw new RangeError(`topic prefix ${JSON.stringify(prefix)} is not of the form [A-Za-z0-9._-]{0,64}`);
  }
  const topic = <V>(name: string, description: TopicDescription<V>): CatalogueTopic<V> =>
    catalogueTopic(`${prefix}${name}`, description, options);
  return Object.freeze({
    heartbeats: topic<PlaybackHeartbeat>('playback.heartbeats', {
      value: avroSerde(PLAYBACK_HEARTBEAT_SCHEMA),
      cleanup: 'delete',
      retentionMs: 7 * DAY_MS,
    }),
    events: topic<PlaybackEvent>('playback.events', {
      value: avroSerde(PLAYBACK_EVENT_SCHEMA),
      cleanup: 'delete',
      retentionMs: 7 * DAY_MS,
    }),
    decisions: topic<PlaybackDecision>('playback.decisions', {
      value: avroSerde(PLAYBACK_DECISION_SCHEMA),
      cleanup: 'delete',
      retentionMs: 30 * DAY_MS,
    }),
    verdicts: topic<PlaybackVerdict>('playback.verdicts', {
      value: avroSerde(PLAYBACK_VERDICT_SCHEMA),
      cleanup: 'compact',
      partitionKey: accountKeyOfSession,
    }),
    entitlements: topic<AccountEntitlement>('accounts.entitlements', {
      value: avroSerde(ACCOUNT_ENTITLEMENT_SCHEMA),
      cleanup: 'compact',
    }),
    policies: topic<TenantPolicy>('policies', { value: avroSerde(TENANT_POLICY_SCHEMA), cleanup: 'compact' }),
    tenantSettings: topic<TenantSettings>('tenants.settings', {
      value: avroSerde(TENANT_SETTINGS_SCHEMA),
      cleanup: 'compact',
    }),
    concurrency: topic<ConcurrencyLevel>('playback.concurrency', {
      value: avroSerde(CONCURRENCY_LEVEL_SCHEMA),
      cleanup: 'delete',
      retentionMs: 30 * DAY_MS,
    }),
  });
}

/** The catalogue without a prefix, for tests and tools. */
export const topics: Topics = createTopics();

/** Where the records of `topic` go that could not be read, as they were received and under the same key; kept 7 days. */
export function deadLetterTopic(topic: CatalogueTopic<unknown>): DeadLetterTopic {
  return Object.freeze({
    name: `${topic.name}.dead-letter`,
    key: serdes.bytes,
    value: serdes.bytes,
    partitions: topic.partitions,
    replicationFactor: topic.replicationFactor,
    configs: Object.freeze({ ...topic.configs, 'cleanup.policy': 'delete', 'retention.ms': String(7 * DAY_MS) }),
  });
}

function catalogueTopic<V>(
  name: string,
  { value, cleanup, retentionMs, partitionKey }: TopicDescription<V>,
  { partitions = 12, replicationFactor = -1, minInSyncReplicas }: TopicOptions,
): CatalogueTopic<V> {
  return Object.freeze({
    name,
    key: serdes.string,
    value,
    partitionKey,
    subject: `${name}-value`,
    partitions,
    replicationFactor,
    configs: Object.freeze({
      'cleanup.policy': cleanup,
      ...(retentionMs === undefined ? {} : { 'retention.ms': String(retentionMs) }),
      ...(minInSyncReplicas === undefined ? {} : { 'min.insync.replicas': String(minInSyncReplicas) }),
    }),
  });
}
