import type { AccountSeen, LogSeen, LookupSeen, Violation } from '../history.ts';
import { violation } from './violation.ts';

/** Each beat in the log was counted once: the guard's count of a session is the number of distinct beats that the log has of it. */
export function checkCounts(
  accounts: readonly AccountSeen[],
  log: LogSeen,
  lookups: readonly LookupSeen[],
): readonly Violation[] {
  const sessions = new Map(accounts.flatMap(({ sessions: seen }) => seen).map((seen) => [seen.session, seen]));
  return lookups.flatMap(({ session, beats }) => {
    const seen = sessions.get(session);
    const logged = log.beats.get(session)?.size ?? 0;
    if (seen === undefined || beats === logged) return [];
    const detail = `${beats} beats counted, ${logged} distinct ones in the log`;
    return [violation('beat-counted-wrong', seen.account, detail, seen)];
  });
}
