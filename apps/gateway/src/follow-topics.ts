import { parseSessionKey } from '@playhead/event-schemas';
import type { PlaybackVerdict, TenantPolicy, TenantSettings, Topics } from '@playhead/event-schemas';
import type { ServiceLogger } from '@playhead/service-kit';
import type { SchemaSource } from '@playhead/stream-core';
import { TailReader } from '@playhead/stream-core/client';
import type { KafkaClient, TailReaderOptions, TailRecord } from '@playhead/stream-core/client';
import type { GatewayMetrics } from './metrics/gateway-metrics.ts';
import type { BlockedSessions } from './tables/blocked-sessions.ts';
import type { ClockSkew } from './tables/clock-skew.ts';
import type { TenantRules } from './tables/tenant-rules.ts';
import type { VerdictFeed } from './tables/verdict-feed.ts';

/** What following topics needs. */
export interface TopicFollowing {
  readonly client: KafkaClient;
  readonly topics: Topics;
  readonly schemas: SchemaSource;
  readonly blocked: BlockedSessions;
  readonly feed: VerdictFeed;
  readonly rules: TenantRules;
  readonly skew: ClockSkew;
  readonly metrics: GatewayMetrics;
  readonly logger: Pick<ServiceLogger, 'warn'>;
  /** A reader has stopped for good. */
  readonly onError: (error: Error) => void;
}

/** A reader that is not started yet, and what the condition of `/health/ready` is called that waits for its end. */
export type FollowedTopic = Pick<TailReader<string, unknown>, 'start' | 'caughtUp' | 'close'>;

/**
 * Readers, not started yet, of what the gateway keeps in its tables: verdicts, policies, settings of tenants. Records
 * that cannot be read are counted and skipped.
 */
export function followTopics(following: TopicFollowing): readonly FollowedTopic[] {
  const { topics, rules } = following;
  return [
    follow<PlaybackVerdict>(following, topics.verdicts, (record) => applyVerdict(following, record)),
    follow<TenantPolicy>(following, topics.policies, ({ key, value }) => rules.applyPolicy(key, value)),
    follow<TenantSettings>(following, topics.tenantSettings, ({ key, value }) => rules.applySettings(key, value)),
  ];
}

type KeyedRecord<V> = TailRecord<string, V> & { readonly key: string };

function follow<V>(
  { client, schemas, metrics, logger, onError }: TopicFollowing,
  topic: TailReaderOptions<string, V>['topic'],
  apply: (record: KeyedRecord<V>) => void,
): FollowedTopic {
  const skip = (error: unknown, place: object): void => {
    metrics.unreadableRecords.add('skipped');
    logger.warn({ err: error, topic: topic.name, ...place }, 'a record cannot be read and is skipped');
  };
  return new TailReader(client, {
    topic,
    from: 'earliest',
    schemas,
    onRecord: (record) => {
      const { key, partition, offset } = record;
      try {
        if (key !== null) apply({ ...record, key });
      } catch (error) {
        skip(error, { partition, offset });
      }
    },
    onDeserializationError: (error, { partition, offset }) => {
      skip(error, { partition, offset });
      return 'continue';
    },
    onError,
  });
}

/** Where a record of `playback.verdicts` is entered. */
export type VerdictTables = Pick<TopicFollowing, 'blocked' | 'feed' | 'skew'>;

/**
 * Enters a record of `playback.verdicts` into the tables: only stop and warn are kept, the value null forgets the session
 * and is told to nobody. Throws `InvalidKeyError`.
 */
export function applyVerdict(
  { blocked, feed, skew }: VerdictTables,
  { key, value, partition, offset }: Pick<KeyedRecord<PlaybackVerdict>, 'key' | 'value' | 'partition' | 'offset'>,
): void {
  const owner = parseSessionKey(key);
  // A word of a later version blocks nothing.
  const verdict = value?.verdict === 'STOP' ? 'stop' : value?.verdict === 'WARN' ? 'warn' : 'continue';
  const { reason = null, endedBy = null } = value ?? {};
  const why = {
    ...(reason === null ? {} : { reason }),
    ...(endedBy === null ? {} : { endedBy }),
  };
  if (verdict === 'continue') blocked.allow(owner);
  else blocked.block(owner, { verdict, ...why });
  if (value === null) return;
  skew.observe(value.decidedTime);
  feed.publish({ ...owner, verdict, ...why, decidedAt: value.decidedTime, partition, offset });
}
