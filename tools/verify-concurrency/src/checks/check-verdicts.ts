import type { AccountSeen, Exchange, LoggedVerdict, SessionSeen, Violation } from '../history.ts';
import { sessionKey } from '../history.ts';
import { certainHold, loggedStop } from './holds.ts';
import type { Judged, Span } from './holds.ts';
import { violation } from './violation.ts';

/** How long another gateway may take to hear of a verdict that one has told already, of the time in which the broker serves. */
export const VERDICT_SPREAD_MS = 2_000;

/** Something that was answered about whether a session may go on. */
interface Told extends Exchange {
  readonly what: string;
  readonly isStop: boolean;
  /** Undefined: this kind of answer has none. */
  readonly reason: string | undefined;
}

/** What a session was told, against itself, its slot and the log. */
export function checkVerdicts(seen: SessionSeen, judged: Judged): readonly Violation[] {
  const { account, log } = judged;
  const { brokerAway, gatewaysAway } = judged.times;
  const found: Violation[] = [];
  const find = (rule: Violation['rule'], detail: string): void =>
    void found.push(violation(rule, seen.account, detail, seen));
  const hold = certainHold(seen, judged);
  const logged = loggedStop(seen, judged);
  let stop: Told | undefined;
  for (const one of toldTo(seen)) {
    if (one.isStop) {
      stop ??= one;
      if (one.reason === '') find('verdict-without-reason', `${one.what} was told to stop`);
      if (one.answeredAt < hold.to) {
        const detail = `told to stop (${one.reason}) at ${one.answeredAt}, its slot was its own until ${hold.to}`;
        find('stopped-without-cause', detail);
      }
    } else if (isByNewGateway(one, gatewaysAway, brokerAway)) {
      continue;
    } else if (isUntold(one, logged, brokerAway)) {
      find('stop-not-told', `a stop was in the log at ${logged?.readAt}; ${one.what} sent at ${one.sentAt} may go on`);
    } else if (stop !== undefined && servedMs(stop.answeredAt, one.sentAt, brokerAway) > VERDICT_SPREAD_MS) {
      find('verdict-taken-back', `told to stop at ${stop.answeredAt}, to go on at ${one.answeredAt}`);
    }
  }
  return [...found, ...checkLogged(seen, log.verdicts.get(sessionKey(account, seen.session)) ?? [])];
}

function isUntold({ sentAt }: Exchange, logged: LoggedVerdict | undefined, brokerAway: readonly Span[]): boolean {
  return logged !== undefined && servedMs(logged.readAt, sentAt, brokerAway) > VERDICT_SPREAD_MS;
}

/** Whether a gateway may have answered that had just been started: without Kafka it serves before it has read the verdicts, and says that it is not ready. */
function isByNewGateway(
  { sentAt, answeredAt }: Exchange,
  gatewaysAway: readonly Span[],
  brokerAway: readonly Span[],
): boolean {
  return gatewaysAway.some(
    ({ from, to }) => from <= answeredAt && servedMs(to, sentAt, brokerAway) <= VERDICT_SPREAD_MS,
  );
}

/** Everything that was answered, in the order in which it was asked. */
function toldTo({ beats, evidence, authorizations }: SessionSeen): readonly Told[] {
  return [
    ...[...beats.map((beat) => ({ ...beat, what: `beat ${beat.sequence}` })), ...evidenceTold(evidence)]
      .filter(({ status }) => status === 200)
      .map((one) => ({ ...one, isStop: one.verdict === 'stop', reason: one.reason ?? '' })),
    ...authorizations
      .filter(({ status }) => status === 204 || status === 403)
      .map((one) => ({ ...one, what: 'an authorization', isStop: one.status === 403, reason: undefined })),
  ].sort((a, b) => a.sentAt - b.sentAt);
}

const evidenceTold = (evidence: SessionSeen['evidence']) => evidence.map((one) => ({ ...one, what: 'evidence' }));

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

function checkLogged(seen: SessionSeen, verdicts: readonly (LoggedVerdict | null)[]): readonly Violation[] {
  const found: Violation[] = [];
  let stopped = false;
  for (const logged of verdicts) {
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
