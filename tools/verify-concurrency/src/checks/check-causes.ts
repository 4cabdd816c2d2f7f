import type { AccountSeen, LoggedVerdict, SessionSeen, Violation } from '../history.ts';
import { certainHold, endedFrom, graceOver, isFree, leasedHold, loggedStop, replacements } from './holds.ts';
import type { Judged, Span } from './holds.ts';
import { mostTaken, possiblePlaces } from './places.ts';
import { violation } from './violation.ts';

/** Every stop in the log has a cause of the kind that it names. */
export function checkCauses(judged: Judged): readonly Violation[] {
  const { account } = judged;
  const places = possiblePlaces(judged);
  return account.sessions.flatMap((seen) => {
    const stop = loggedStop(seen, judged);
    if (stop === undefined || hasCause(seen, stop, judged)) return [];
    const found = (why: string): Violation[] => [
      violation(
        'stopped-without-cause',
        account.account,
        `in the log (${stop.reason} by ${stop.endedBy}): ${why}`,
        seen,
      ),
    ];
    const isLimit =
      stop.reason === 'concurrency-limit' || (stop.reason === 'newer-stream' && account.kind === 'end-oldest');
    if (!isLimit) return found('nobody did that');
    if (isFree(seen)) return found('its content is exempt');
    if (stop.reason === 'concurrency-limit' && !isJudged(account) && isWhole(seen, stop, judged)) {
      return found('its slot was its own');
    }
    const window = judgedIn(seen, stop, judged);
    const held = mostTaken(places, window, { device: seen.device, session: seen.session });
    if (held < account.maxStreams) {
      return found(`from ${window.from} to ${window.to} at most ${held} others of ${account.maxStreams} held a slot`);
    }
    const older = stop.reason === 'newer-stream' ? olderThan(seen, window, judged) : undefined;
    return older === undefined ? [] : found(`${older} was older`);
  });
}

/** Whether somebody did what the reason says. */
function hasCause(seen: SessionSeen, stop: LoggedVerdict, judged: Judged): boolean {
  const { reason } = stop;
  if (reason === 'session-ended') return seen.stops.length > 0;
  if (reason === 'played-on-after-stop') return mayHavePlayedOn(seen, stop, judged);
  if (reason === 'replaced') return replacements(seen, judged.account).length > 0 && seen.start.exempt !== true;
  if (reason === 'two-players') return seen.disturbedAt !== undefined;
  return reason?.startsWith('stopped-by-') === true && seen.terminations.length > 0;
}

/** Whether a sign of life may have happened more than the grace after its own stop before this was read (decision 0008). */
function mayHavePlayedOn({ stops: [own] }: SessionSeen, { readAt }: LoggedVerdict, { times }: Judged): boolean {
  return own !== undefined && readAt > own.sentAt + times.graceMs - 2 * times.skewMs;
}

/** When the stop was decided: not before what ends it was sent, or its grace was over, and before it was read. */
function judgedIn(seen: SessionSeen, stop: LoggedVerdict, judged: Judged): Span {
  const { start } = seen;
  const { account } = judged;
  if (stop.reason === 'newer-stream') return { from: endedFrom(seen, account, stop), to: stop.readAt };
  if (!isWhole(seen, stop, judged)) return { from: start.sentAt, to: stop.readAt };
  if (account.kind === 'named') return { from: start.sentAt, to: start.answeredAt };
  return { from: graceOver(seen, judged), to: stop.readAt };
}

/** Whether its leases followed each other from its admission until the stop was read. */
function isWhole(seen: SessionSeen, { readAt }: LoggedVerdict, judged: Judged): boolean {
  const { from, to } = leasedHold(seen, judged);
  return from < to && to >= readAt;
}

/** Whether a stream that was admitted may be refused while its leases last; what back ends name was perhaps never admitted. */
const isJudged = ({ kind }: AccountSeen): boolean => kind === 'grace' || kind === 'named';

/** A session that was older for certain, and held a slot during all of the time in which this one may have been ended. */
function olderThan({ start }: SessionSeen, { from, to }: Span, judged: Judged): string | undefined {
  const { account, times } = judged;
  return account.sessions.find((other) => {
    if (other.start.exempt === true || other.start.answeredAt + 2 * times.skewMs >= start.sentAt) return false;
    const hold = certainHold(other, judged);
    return hold.from <= from && hold.to > to;
  })?.session;
}
