import type { AccountSeen, Exchange, LogSeen, SentTo, SessionSeen, Violation } from '../history.ts';
import { violation } from './check-account.ts';

/**
 * A termination of a session that was admitted is answered 404 only where nobody could know the session: its start waited
 * on the disk of another gateway than the one that was asked, and came into the log later.
 */
export function checkTerminations(accounts: readonly AccountSeen[], log: LogSeen): readonly Violation[] {
  return unknownOnes(accounts)
    .filter((one) => !waitedElsewhere(one, log))
    .map(({ seen, termination: { sentAt } }) =>
      violation('wrong-status', seen.account, `its termination at ${sentAt} was answered 404`, seen),
    );
}

/** How many terminations came before anybody but the gateway that had admitted it could know the session. */
export function countTooEarly(accounts: readonly AccountSeen[], log: LogSeen): number {
  return unknownOnes(accounts).filter((one) => waitedElsewhere(one, log)).length;
}

interface Unknown {
  readonly seen: SessionSeen;
  readonly termination: Exchange & SentTo;
}

function unknownOnes(accounts: readonly AccountSeen[]): readonly Unknown[] {
  return accounts.flatMap(({ sessions }) =>
    sessions.flatMap((seen) =>
      seen.terminations.filter(({ status }) => status === 404).map((termination) => ({ seen, termination })),
    ),
  );
}

function waitedElsewhere({ seen, termination }: Unknown, { starts }: LogSeen): boolean {
  const logged = starts.get(seen.session);
  if (termination.gateway === seen.start.gateway || logged === undefined) return false;
  return logged.late && logged.readAt >= termination.sentAt;
}
