import type { AccountSeen, LogSeen, SessionSeen, Violation } from '../history.ts';
import { sessionKey } from '../history.ts';
import { checkCauses } from './check-causes.ts';
import { overLimit, refusedWhileFree } from './check-limits.ts';
import { checkVerdicts } from './check-verdicts.ts';
import { isAnswered } from './holds.ts';
import type { Judged, RunTimes } from './holds.ts';
import { violation } from './violation.ts';

/** Everything that one account's history has against the rules. */
export function checkAccount(account: AccountSeen, log: LogSeen, times: RunTimes): readonly Violation[] {
  const judged: Judged = { account, log, times };
  return [
    ...overLimit(judged),
    ...refusedWhileFree(judged),
    ...checkCauses(judged),
    ...missingInLog(account, log),
    ...account.sessions.flatMap((seen) => [...checkVerdicts(seen, judged), ...checkBeats(seen, log)]),
  ];
}

/** What was acknowledged and is not in the log: starts that were admitted, beats, evidence, stops. */
export function missingInLog(account: AccountSeen, log: LogSeen): readonly Violation[] {
  return account.sessions.flatMap((seen) => {
    const { session, beats, stops, terminations } = seen;
    const key = sessionKey(account, session);
    const acknowledged = new Set(beats.filter(({ status }) => status === 200).map(({ sequence }) => sequence));
    const missing = [...acknowledged].filter((sequence) => (log.beats.get(session)?.get(sequence)?.length ?? 0) === 0);
    const evidence = seen.evidence.filter(isAnswered).length;
    const records = log.evidence.get(key)?.records ?? 0;
    const isStopped = stops.some(isAnswered) && !log.stops.has(session);
    const isTerminated = terminations.some(isAnswered) && !log.terminations.has(key);
    const found = (rule: Violation['rule'], detail: string): Violation =>
      violation(rule, account.account, detail, seen);
    return [
      // What back ends name has no start.
      ...(log.starts.has(session) || account.kind === 'named' ? [] : [found('start-not-in-log', 'it was admitted')]),
      ...missing.map((sequence) => found('beat-not-in-log', `beat ${sequence} was acknowledged`)),
      ...(records < evidence ? [found('evidence-not-in-log', `${records} of ${evidence} acknowledged`)] : []),
      ...(isStopped ? [found('stop-not-in-log', 'its own was acknowledged')] : []),
      ...(isTerminated ? [found('stop-not-in-log', 'its termination was acknowledged')] : []),
    ];
  });
}

/**
 * All records of a beat in the log are the same event, and there are not more than were sent. One
 * of which Kafka's acknowledgement was lost waits on the gateway's disk and is written once more, as late.
 */
function checkBeats(seen: SessionSeen, log: LogSeen): readonly Violation[] {
  const found: Violation[] = [];
  const bySequence = Map.groupBy(seen.beats, ({ sequence }) => sequence);
  for (const [sequence, sent] of bySequence) {
    const logged = log.beats.get(seen.session)?.get(sequence) ?? [];
    const waited = logged.some(({ late }) => late);
    if ((logged.length > sent.length && !waited) || new Set(logged.map(({ eventId }) => eventId)).size > 1) {
      const ids = logged.map(({ eventId }) => eventId).join(', ');
      const detail = `beat ${sequence} was sent ${sent.length} times and has ${logged.length} records: ${ids}`;
      found.push(violation('beat-logged-too-often', seen.account, detail, seen));
    }
  }
  return found;
}
