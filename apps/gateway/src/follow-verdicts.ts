import { parseSessionKey } from '@playhead/event-schemas';
import type { PlaybackVerdict, Topics } from '@playhead/event-schemas';
import type { ServiceLogger } from '@playhead/service-kit';
import type { SchemaSource } from '@playhead/stream-core';
import { TailReader } from '@playhead/stream-core/client';
import type { KafkaClient } from '@playhead/stream-core/client';
import type { GatewayMetrics } from './metrics/gateway-metrics.ts';
import type { BlockedSessions } from './tables/blocked-sessions.ts';

/** What following the verdicts needs. */
export interface VerdictFollowing {
  readonly client: KafkaClient;
  readonly topics: Topics;
  readonly schemas: SchemaSource;
  readonly blocked: BlockedSessions;
  readonly metrics: GatewayMetrics;
  readonly logger: Pick<ServiceLogger, 'warn'>;
  /** The reader has stopped for good. */
  readonly onError: (error: Error) => void;
}

/** A reader that keeps the table of blocked sessions; it is not started yet. A record that cannot be read is counted and skipped. */
export function followVerdicts(following: VerdictFollowing): TailReader<string, PlaybackVerdict> {
  const { client, topics, schemas, blocked, metrics, logger, onError } = following;
  const skip = (error: unknown, place: object): void => {
    metrics.unreadableVerdicts.add('skipped');
    logger.warn({ err: error, topic: topics.verdicts.name, ...place }, 'a verdict cannot be read and is skipped');
  };
  return new TailReader(client, {
    topic: topics.verdicts,
    from: 'earliest',
    schemas,
    onRecord: ({ key, value, partition, offset }) => {
      try {
        if (key !== null) applyVerdict(blocked, key, value);
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

/** Enters a record of `playback.verdicts` into the table: only stop and warn are kept; the value null forgets the session. Throws `InvalidKeyError`. */
export function applyVerdict(blocked: BlockedSessions, key: string, verdict: PlaybackVerdict | null): void {
  const { tenant, account, session } = parseSessionKey(key);
  switch (verdict?.verdict) {
    case 'STOP':
    case 'WARN':
      blocked.block(session, {
        tenant,
        account,
        verdict: verdict.verdict === 'STOP' ? 'stop' : 'warn',
        reason: verdict.reason ?? undefined,
      });
      break;
    // A word of a later version blocks nothing.
    case 'CONTINUE':
    case 'UNKNOWN':
    case undefined:
      blocked.allow(session);
      break;
  }
}
