import type { AccountRef, ConcurrencyGuard, SessionView } from '@playhead/event-schemas';
import type { EventLog } from '../records/event-log.ts';
import { withinTime } from '../within-time.ts';
import { askGuard } from './ask-guard.ts';
import { GuardUnavailableError } from './guard-unavailable-error.ts';

/** Where it is asked. */
export interface SessionSources {
  readonly guard: Pick<ConcurrencyGuard, 'session'>;
  readonly log: Pick<EventLog, 'newestHeartbeat'>;
}

/**
 * What the guard knows of a session after it has read everything that is in the log by now; undefined: the account has no
 * such session. For what the guard did not know at once: a start that was acknowledged a moment ago may be in the log and
 * not in its stores. Rejects with `GuardUnavailableError` where that is not certain in time: the end of the log is not
 * told, records of this gateway wait for Kafka, or the guard does not get so far.
 */
export async function sessionAtLogEnd(
  { guard, log }: SessionSources,
  whose: AccountRef & { readonly session: string },
  timeoutMs: number,
): Promise<SessionView | undefined> {
  const position = await withinTime(log.newestHeartbeat(whose), timeoutMs);
  if (position === undefined) throw new GuardUnavailableError('session at the end of the log');
  return askGuard('session', () => guard.session({ ...whose, position, timeoutMs }));
}
