import type { SessionSeen, StartSeen } from '../history.ts';
import { certainHold, certainKeep, isFree, possibleHold, possibleHoldOfLost } from './holds.ts';
import { possibleKeep, possibleKeepOfLost } from './holds.ts';
import type { Judged, Span } from './holds.ts';

/** What takes a place under the account's rule: a session, or its device where the rule keeps those. */
export interface Place {
  readonly value: string;
  readonly span: Span;
}

/** A place of a session that was admitted. */
export interface SessionPlace extends Place {
  readonly seen: SessionSeen;
}

/** The places that are taken for certain. */
export function certainPlaces(judged: Judged): readonly SessionPlace[] {
  const { account, times } = judged;
  const keeps = account.kind === 'kept';
  return account.sessions
    .filter(({ start }) => start.exempt !== true)
    .map((seen) => {
      const span = certainHold(seen, judged);
      if (!keeps) return { seen, value: seen.session, span };
      // Both begin with its admission.
      return { seen, value: seen.device, span: { ...span, to: Math.max(span.to, certainKeep(seen, times).to) } };
    })
    .filter(({ span }) => span.from < span.to);
}

/** The places that may be taken. */
export function possiblePlaces(judged: Judged): readonly Place[] {
  const { account, times } = judged;
  const keeps = account.kind === 'kept';
  const lost = account.starts.filter(({ status, exempt }) => status !== 201 && status !== 409 && exempt !== true);
  return [
    ...account.sessions
      .filter((seen) => !isFree(seen))
      .map((seen) => {
        const span = keeps ? possibleKeep(seen, times) : possibleHold(seen, judged);
        return { value: keeps ? seen.device : seen.session, span };
      }),
    ...lost.map((start, i) => {
      const span = keeps ? possibleKeepOfLost(start, times) : possibleHoldOfLost(start, times);
      return { value: keeps ? start.device : `lost-${i}`, span };
    }),
  ];
}

/** How many places others may have taken at some moment of a window, at most. A kept device takes none from itself. */
export function mostTaken(
  places: readonly Place[],
  { from, to }: Span,
  { device, session }: Pick<StartSeen, 'device' | 'session'>,
): number {
  const others = places.filter(({ value }) => value !== device && value !== session);
  return new Set(others.filter(({ span }) => span.from <= to && span.to >= from).map(({ value }) => value)).size;
}
