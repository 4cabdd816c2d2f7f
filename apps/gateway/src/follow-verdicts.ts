import { parseSessionKey } from '@playhead/event-schemas';
import type { PlaybackVerdict } from '@playhead/event-schemas';
import type { BlockedSessions } from './tables/blocked-sessions.ts';

/** Enters a record of `playback.verdicts` into the table: only stop and warn are kept; the value null forgets the session. */
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
