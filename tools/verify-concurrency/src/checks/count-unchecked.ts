import type { AccountSeen, LogSeen } from '../history.ts';
import { possibleHold } from './holds.ts';
import type { RunTimes } from './holds.ts';

/** Starts that were admitted without the guard. */
export interface Unchecked {
  readonly admitted: number;
  /** Of these, begun while as many others as allowed may have held a slot. */
  readonly overLimit: number;
}

/** Counts what the tenant's rule signed for; it is no violation. */
export function countUnchecked(accounts: readonly AccountSeen[], log: LogSeen, times: RunTimes): Unchecked {
  let admitted = 0;
  let overLimit = 0;
  for (const account of accounts) {
    const spans = account.sessions.map((seen) => ({ seen, ...possibleHold(seen, { account, log, times }) }));
    for (const { start, session } of account.sessions) {
      if (start.checked !== false) continue;
      admitted++;
      const others = spans.filter(({ seen, from, to }) => {
        return seen.session !== session && from <= start.answeredAt && to > start.answeredAt;
      });
      if (others.length >= account.maxStreams) overLimit++;
    }
  }
  return { admitted, overLimit };
}
