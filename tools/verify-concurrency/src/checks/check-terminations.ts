import type { AccountSeen, Exchange, LogSeen, SentTo, SessionSeen, Violation } from '../history.ts';
import { sessionKey } from '../history.ts';
import { violation } from './violation.ts';

/**
 * A termination of a session that was admitted is answered 404 only where nobody could know the session: its start waited
 * on the disk of another gateway than the one that was asked, and came into the log later. So did the evidence of one that
 * back ends name.
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
  readonly account: AccountSeen;
  readonly seen: SessionSeen;
  readonly termination: Exchange & SentTo;
}

function unknownOnes(accounts: readonly AccountSeen[]): readonly Unknown[] {
  return accounts.flatMap((account) =>
    account.sessions.flatMap((seen) =>
      seen.terminations.filter(({ status }) => status === 404).map((termination) => ({ account, seen, termination })),
    ),
  );
}

function waitedElsewhere({ account, seen, termination }: Unknown, { starts, evidence }: LogSeen): boolean {
  if (account.kind === 'named') return evidence.get(sessionKey(account, seen.session))?.late === true;
  const logged = starts.get(seen.session);
  if (termination.gateway === seen.start.gateway || logged === undefined) return false;
  return logged.late && logged.readAt >= termination.sentAt;
}
