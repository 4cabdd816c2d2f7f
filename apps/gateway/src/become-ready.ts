import type { PlaybackVerdict, Topics } from '@playhead/event-schemas';
import type { HealthChecks, ServiceLogger } from '@playhead/service-kit';
import type { RecordProducer, TailReader } from '@playhead/stream-core/client';
import type { LogHealth } from './records/log-health.ts';
import type { BlockedSessions } from './tables/blocked-sessions.ts';

const PAUSE_MS = 500;

/** What has to be done before the gateway may answer beats. */
export interface Preparation {
  readonly producer: Pick<RecordProducer, 'prepare'>;
  readonly verdicts: Pick<TailReader<string, PlaybackVerdict>, 'start' | 'caughtUp'>;
  readonly topics: Topics;
  readonly blocked: BlockedSessions;
  readonly health: HealthChecks;
  /** Whether records are taken, by Kafka or by the disk, once they can be written. */
  readonly takesRecords: Pick<LogHealth, 'check'>;
  readonly logger: Pick<ServiceLogger, 'info' | 'warn'>;
  readonly stopping: AbortSignal;
}

/**
 * Adds two conditions to `/health/ready` and sees to them: `playback.verdicts` has been read to the end that it had at
 * the start, and topics and schemas to write to are loaded, which is tried again while the registry does not answer; from then on that records are taken.
 * Rejects when the verdicts cannot be read.
 */
export async function becomeReady(preparation: Preparation): Promise<void> {
  const { health, takesRecords, verdicts, topics, blocked, logger } = preparation;
  let caughtUp = false;
  let canWrite = false;
  health.add('verdicts', () => caughtUp || `${topics.verdicts.name} is being read`);
  health.add('log', () => (canWrite ? takesRecords.check() : 'the topics and schemas to write to are not loaded'));
  await verdicts.start();
  await verdicts.caughtUp;
  caughtUp = true;
  logger.info({ blocked: blocked.size }, 'verdicts read');
  canWrite = await loadWritten(preparation);
}

async function loadWritten({ producer, topics, logger, stopping }: Preparation): Promise<boolean> {
  let lastReason = '';
  while (!stopping.aborted) {
    try {
      await producer.prepare([topics.heartbeats, topics.events, topics.entitlements, topics.decisions]);
      return true;
    } catch (error) {
      const reason = String(error);
      if (reason !== lastReason) logger.warn({ err: error }, 'topics and schemas could not be loaded; trying again');
      lastReason = reason;
      await new Promise((resolve) => {
        setTimeout(resolve, PAUSE_MS);
      });
    }
  }
  return false;
}
