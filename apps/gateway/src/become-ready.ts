import type { Topics } from '@playhead/event-schemas';
import { ServiceError } from '@playhead/service-kit';
import type { HealthChecks, ServiceLogger } from '@playhead/service-kit';
import type { RecordProducer } from '@playhead/stream-core/client';
import type { FollowedTopic } from './follow-topics.ts';
import type { LogHealth } from './records/log-health.ts';
import type { BlockedSessions } from './tables/blocked-sessions.ts';

const PAUSE_MS = 500;

/** What has to be done before the gateway is ready. */
export interface Preparation {
  readonly producer: Pick<RecordProducer, 'prepare'>;
  /** Creates and checks the topics; see `ServiceContext`. */
  readonly prepareTopics: () => Promise<void>;
  /** Readers of what the tables hold, not started yet; asked for again when they could not start. */
  readonly follow: () => readonly FollowedTopic[];
  readonly topics: Topics;
  readonly blocked: BlockedSessions;
  readonly health: HealthChecks;
  /** Whether records are taken, by Kafka or by the disk, once they can be written. */
  readonly takesRecords: Pick<LogHealth, 'check'>;
  readonly logger: Pick<ServiceLogger, 'info' | 'warn'>;
  readonly stopping: AbortSignal;
  /** Called once, when verdicts and rules have been read. */
  readonly onFollowed: () => void;
}

/**
 * Adds two conditions to `/health/ready` and sees to them, trying again while Kafka or the registry do not answer:
 * verdicts, policies and settings of tenants have been read to the end that they had at the start, and topics and schemas to write to are loaded; from
 * then on that records are taken. Rejects with `ServiceError` when the topics are not what they have to be, and when the
 * verdicts cannot be read.
 */
export async function becomeReady(preparation: Preparation): Promise<void> {
  const { health, takesRecords, topics, producer, prepareTopics, blocked, logger, stopping } = preparation;
  let caughtUp = false;
  let canWrite = false;
  health.add('verdicts', () => caughtUp || `${topics.verdicts.name} and the rules of the tenants are being read`);
  health.add('log', () => (canWrite ? takesRecords.check() : 'the topics and schemas to write to are not loaded'));
  await untilDone(preparation, 'the topics could not be prepared', prepareTopics);
  await untilDone(preparation, 'verdicts and rules could not be followed', () => followAll(preparation));
  if (stopping.aborted) return;
  caughtUp = true;
  preparation.onFollowed();
  logger.info({ blocked: blocked.size }, 'verdicts read');
  await untilDone(preparation, 'topics and schemas could not be loaded', () =>
    producer.prepare([
      topics.heartbeats,
      topics.events,
      topics.entitlements,
      topics.decisions,
      topics.policies,
      topics.tenantSettings,
    ]),
  );
  canWrite = !stopping.aborted;
}

async function followAll({ follow }: Preparation): Promise<void> {
  const readers = follow();
  try {
    await Promise.all(readers.map((reader) => reader.start()));
  } catch (error) {
    await Promise.all(readers.map((reader) => reader.close()));
    throw error;
  }
  await Promise.all(readers.map(({ caughtUp }) => caughtUp));
}

/** Tries until it is done or the gateway stops; says a reason once. */
async function untilDone(
  { logger, stopping }: Preparation,
  message: string,
  attempt: () => Promise<void>,
): Promise<void> {
  let lastReason = '';
  while (!stopping.aborted) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (error instanceof ServiceError) throw error;
      if (stopping.aborted) return;
      const reason = String(error);
      if (reason !== lastReason) logger.warn({ err: error }, `${message}; trying again`);
      lastReason = reason;
      await new Promise((resolve) => {
        setTimeout(resolve, PAUSE_MS);
      });
    }
  }
}
