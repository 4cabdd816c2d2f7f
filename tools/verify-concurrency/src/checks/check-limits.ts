import type { Violation } from '../history.ts';
import { GRACE_STREAMS } from '../kinds.ts';
import { longestLease } from './holds.ts';
import type { Judged } from './holds.ts';
import { certainPlaces, mostTaken, possiblePlaces } from './places.ts';
import type { SessionPlace } from './places.ts';
import { violation } from './violation.ts';

/** The most places that were taken at once for certain. */
export function overLimit(judged: Judged): readonly Violation[] {
  const { account } = judged;
  const places = certainPlaces(judged);
  // As a new one begins, so many are taken: the greatest number there is stands at some beginning.
  return places.flatMap(({ seen, span: { from } }) => {
    const held = places.filter(({ span }) => span.from <= from && from < span.to);
    const taken = new Set(held.map(({ value }) => value)).size;
    if (taken <= account.maxStreams || isInGrace(judged, held, taken, from)) return [];
    const who = held.map((one) => one.seen.session).join(', ');
    return [violation('over-limit', account.account, `${taken} of ${account.maxStreams} at ${from}: ${who}`, seen)];
  });
}

/**
 * Whether a grace may be what so many rest on since the last of them began. It ends as long after that as the policy says;
 * then the one that has it is judged at its next sign of life, or its lease is over.
 */
function isInGrace(
  { account: { kind, maxStreams }, times }: Judged,
  held: readonly SessionPlace[],
  taken: number,
  from: number,
): boolean {
  if (kind !== 'grace' || taken > maxStreams + GRACE_STREAMS) return false;
  const until = Math.min(...held.map(({ span }) => span.to));
  const leaseMs = longestLease(
    held.map(({ seen }) => seen),
    times,
  );
  return until <= from + times.graceForMs + leaseMs + 2 * times.skewMs;
}

/** Starts that were refused although a place was free, or that no rule may refuse. */
export function refusedWhileFree(judged: Judged): readonly Violation[] {
  const { account } = judged;
  const places = possiblePlaces(judged);
  return account.starts
    .filter(({ status }) => status === 409)
    .flatMap((start) => {
      const held = mostTaken(places, { from: start.sentAt, to: start.answeredAt }, start);
      const isRefusable = account.kind !== 'end-oldest' && start.exempt !== true;
      if (isRefusable && held >= account.maxStreams) return [];
      const detail = `start of ${start.device} at ${start.sentAt} was refused; at most ${held} of ${account.maxStreams} slots were held`;
      const why = isRefusable ? '' : ', and nothing may refuse it';
      return [{ rule: 'refused-while-free' as const, account: account.account, detail: `${detail}${why}` }];
    });
}
