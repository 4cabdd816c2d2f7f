import type { AccountSeen, EventSeen, LoggedVerdict, LogSeen, Violation } from '../history.ts';
import { sessionKey } from '../history.ts';

/** A place in the partition of the account. */
interface Place {
  readonly partition: number;
  readonly offset: number;
}

/**
 * Every stop that stands in the log after the first event that was heard was heard too, it or one that was announced of
 * the same session later (a compacted topic keeps the last), or lies where a reset said that something may be missing;
 * and no stop was heard that is not this account's.
 */
export function checkEvents(account: AccountSeen, log: LogSeen): readonly Violation[] {
  const stops = stopsOf(account, log);
  const heard = (session: string, from: number): boolean =>
    account.events.some((event) => isStop(event) && event.session === session && offsetOf(event) >= from);
  const known = knownSpans(account.events);
  const missing = stops.filter(
    ({ session, logged }) => !heard(session, logged.offset) && isWithin(known, logged.offset),
  );
  const own = new Map(stops.map(({ logged, session }) => [idOf(logged), session]));
  const strange = account.events.filter(({ id = '', session, verdict }) => {
    return verdict === 'stop' && own.get(id) !== session;
  });
  const found = (detail: string): Violation => ({ rule: 'events-wrong', account: account.account, detail });
  return [
    ...missing.map(({ session, logged }) => found(`the stop of ${session} at ${idOf(logged)} was not heard`)),
    ...strange.map(({ session, id }) => found(`a stop of ${session} was heard, which the log does not have at ${id}`)),
  ];
}

/** How many stops were heard. */
export const countHeard = (accounts: readonly AccountSeen[]): number =>
  accounts.reduce((sum, { events }) => sum + new Set(events.filter(isStop).map(({ id }) => id)).size, 0);

const isStop = ({ verdict }: EventSeen): boolean => verdict === 'stop';
const offsetOf = ({ id }: Pick<EventSeen, 'id'>): number => Number(id?.split('-')[1]);
const idOf = ({ partition, offset }: Place): string => `${partition}-${offset}`;

function stopsOf(account: AccountSeen, log: LogSeen): readonly { session: string; logged: LoggedVerdict }[] {
  const prefix = sessionKey(account, '');
  return [...log.verdicts].flatMap(([key, verdicts]) =>
    key.startsWith(prefix)
      ? verdicts.flatMap((logged) =>
          logged?.verdict === 'STOP' ? [{ session: key.slice(prefix.length), logged }] : [],
        )
      : [],
  );
}

/** Between which offsets nothing may be missing: from the first event on, but from one before a reset to the next one. All changes of an account have one partition. */
function knownSpans(events: readonly EventSeen[]): readonly { readonly from: number; readonly to: number }[] {
  const spans: { from: number; to: number }[] = [];
  let open: { from: number; to: number } | undefined;
  for (const { type, id } of events) {
    if (type === 'reset') open = undefined;
    else {
      const offset = offsetOf({ id });
      if (open === undefined) {
        open = { from: offset, to: offset };
        spans.push(open);
      }
      open.to = Math.max(open.to, offset);
    }
  }
  // What comes after the last event would have been heard too.
  if (open !== undefined) open.to = Infinity;
  return spans;
}

const isWithin = (spans: readonly { readonly from: number; readonly to: number }[], offset: number): boolean =>
  spans.some(({ from, to }) => from <= offset && offset <= to);
