import type { AccountSeen, BeatSeen, LogSeen, SessionSeen, StartSeen, Violation } from '../history.ts';
import { certainHold, possibleHold, possibleHoldOfLost } from './holds.ts';
import type { LeaseTimes, RunTimes, Span } from './holds.ts';

/** How long another gateway may take to hear of a verdict that one has told already, of the time in which the broker serves. */
const VERDICT_SPREAD_MS = 2_000;

/** Everything that one account's history has against the rules. */
export function checkAccount(account: AccountSeen, log: LogSeen, times: RunTimes): readonly Violation[] {
  return [
    ...overLimit(account, log, times),
    ...refusedWhileFree(account, times),
    ...missingInLog(account, log),
    ...account.sessions.flatMap((seen) => [
      ...checkVerdicts(seen, certainHold(seen, account, log, times), times.brokerAway),
      ...checkLoggedVerdicts(seen, log),
      ...checkBeats(seen, log),
    ]),
  ];
}

/** The most sessions that held a slot at once for certain. */
function overLimit(account: AccountSeen, log: LogSeen, times: LeaseTimes): readonly Violation[] {
  const holds = account.sessions
    .map((seen) => ({ seen, span: certainHold(seen, account, log, times) }))
    .filter(({ span }) => span.from < span.to);
  // As a new one begins, so many hold a slot: the greatest number there is stands at some beginning.
  return holds.flatMap(({ seen, span }) => {
    const held = holds.filter(({ span: other }) => other.from <= span.from && span.from < other.to);
    if (held.length <= account.maxStreams) return [];
    const who = held.map(({ seen: { session } }) => session).join(', ');
    return [
      violation('over-limit', account.account, `${held.length} of ${account.maxStreams} at ${span.from}: ${who}`, seen),
    ];
  });
}

function refusedWhileFree(account: AccountSeen, times: LeaseTimes): readonly Violation[] {
  const spans = [
    ...account.sessions.map((seen) => possibleHold(seen, account, times)),
    ...account.starts
      .filter(({ status }) => status !== 201 && status !== 409)
      .map((start) => possibleHoldOfLost(start, times)),
  ];
  return account.starts
    .filter(({ status }) => status === 409)
    .flatMap((start) => {
      const held = spans.filter((span) => touches(span, start)).length;
      if (held >= account.maxStreams) return [];
      const detail = `start of ${start.device} at ${start.sentAt} was refused; at most ${held} of ${account.maxStreams} slots were held`;
      return [{ rule: 'refused-while-free' as const, account: account.account, detail }];
    });
}

const touches = ({ from, to }: Span, { sentAt, answeredAt }: StartSeen): boolean => from <= answeredAt && to >= sentAt;

function checkVerdicts(seen: SessionSeen, hold: Span, brokerAway: readonly Span[]): readonly Violation[] {
  const found: Violation[] = [];
  let stop: BeatSeen | undefined;
  for (const beat of seen.beats) {
    if (beat.status !== 200) continue;
    if (beat.verdict === 'stop') {
      stop ??= beat;
      if (beat.reason === undefined || beat.reason === '') {
        found.push(violation('verdict-without-reason', seen.account, `beat ${beat.sequence} was told to stop`, seen));
      }
      if (beat.answeredAt < hold.to) {
        const detail = `told to stop (${beat.reason}) at ${beat.answeredAt}, its slot was its own until ${hold.to}`;
        found.push(violation('stopped-without-cause', seen.account, detail, seen));
      }
    } else if (stop !== undefined && servedMs(stop.answeredAt, beat.sentAt, brokerAway) > VERDICT_SPREAD_MS) {
      const detail = `told to stop at ${stop.answeredAt}, to go on at ${beat.answeredAt}`;
      found.push(violation('verdict-taken-back', seen.account, detail, seen));
    }
  }
  return found;
}

/** How many beats were told to go on, long after a stop that their gateway could not hear of because the broker was away. */
export function countUnheard(accounts: readonly AccountSeen[], brokerAway: readonly Span[]): number {
  return accounts
    .flatMap(({ sessions }) => sessions)
    .reduce((sum, { beats }) => {
      const answered = beats.filter(({ status }) => status === 200);
      const stop = answered.find(({ verdict }) => verdict === 'stop');
      if (stop === undefined) return sum;
      const unheard = answered.filter(
        ({ verdict, sentAt }) =>
          verdict !== 'stop' &&
          sentAt > stop.answeredAt + VERDICT_SPREAD_MS &&
          servedMs(stop.answeredAt, sentAt, brokerAway) <= VERDICT_SPREAD_MS,
      );
      return sum + unheard.length;
    }, 0);
}

/** Of the time between two moments, that in which the broker served. */
function servedMs(from: number, to: number, brokerAway: readonly Span[]): number {
  const away = brokerAway.map((span) => Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)));
  return to - from - away.reduce((sum, ms) => sum + ms, 0);
}

function checkLoggedVerdicts(seen: SessionSeen, { verdicts }: LogSeen): readonly Violation[] {
  const found: Violation[] = [];
  let stopped = false;
  for (const logged of verdicts.get(seen.session) ?? []) {
    if (logged === null || logged.verdict !== 'STOP') {
      const what = logged === null ? 'was forgotten' : `became ${logged.verdict}`;
      if (stopped) found.push(violation('verdict-taken-back', seen.account, `in the log a stop ${what}`, seen));
    } else {
      stopped = true;
      if (!logged.reason) found.push(violation('verdict-without-reason', seen.account, 'in the log', seen));
    }
  }
  return found;
}

/** What was acknowledged and is not in the log: starts that were admitted, beats. */
export function missingInLog({ sessions }: AccountSeen, log: LogSeen): readonly Violation[] {
  return sessions.flatMap((seen) => {
    const { session, account, beats } = seen;
    const acknowledged = new Set(beats.filter(({ status }) => status === 200).map(({ sequence }) => sequence));
    const missing = [...acknowledged].filter((sequence) => (log.beats.get(session)?.get(sequence)?.length ?? 0) === 0);
    return [
      ...(log.starts.has(session) ? [] : [violation('start-not-in-log', account, 'it was admitted', seen)]),
      ...missing.map((sequence) => violation('beat-not-in-log', account, `beat ${sequence} was acknowledged`, seen)),
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

/** A violation that concerns a session. */
export function violation(rule: Violation['rule'], account: string, detail: string, seen: SessionSeen): Violation {
  return { rule, account, detail: `session ${seen.session} of ${seen.device}: ${detail}` };
}
