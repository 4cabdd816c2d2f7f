import { MAX_CONFLICTS } from '@playhead/event-schemas';
import type { PolicyStrategy } from '@playhead/event-schemas';
import type { CountedStream } from './counted-stream.ts';
import type { Place } from './rule-count.ts';

/** Orders places by which is given up first. */
type Order = (a: Place, b: Place) => number;

const least = (place: Place, value: (stream: CountedStream) => number): number => Math.min(...place.streams.map(value));
const greatest = (place: Place, value: (stream: CountedStream) => number): number =>
  Math.max(...place.streams.map(value));

const byName: Order = (a, b) => (a.value < b.value ? -1 : 1);
const oldest: Order = (a, b) =>
  least(a, ({ startedAt }) => startedAt) - least(b, ({ startedAt }) => startedAt) || byName(a, b);
const leastRecent: Order = (a, b) =>
  greatest(a, ({ lastSeenAt }) => lastSeenAt) - greatest(b, ({ lastSeenAt }) => lastSeenAt) || oldest(a, b);
/** Paused for longest first; a place with a stream that plays comes after all that are paused, the oldest first. */
const paused: Order = (a, b) => {
  const since = (place: Place): number => greatest(place, ({ pausedSince }) => pausedSince ?? Infinity);
  const [first, second] = [since(a), since(b)];
  return first === second ? oldest(a, b) : first - second;
};

const ORDERS: Readonly<Partial<Record<PolicyStrategy, Order>>> = {
  'end-oldest': oldest,
  'end-least-recent': leastRecent,
  'end-paused-first': paused,
};

/** True when the end of its streams frees the place: a value that is kept goes on counting. */
export const isFreeable = ({ streams, isKept }: Place): boolean => streams.length > 0 && !isKept;

/** The streams to end so that `count` places are free; undefined when the strategy ends none, or too few can be ended. */
export function streamsToEnd(
  strategy: PolicyStrategy,
  places: readonly Place[],
  count: number,
): readonly CountedStream[] | undefined {
  const order = ORDERS[strategy];
  if (order === undefined) return undefined;
  const endable = places.filter(isFreeable).sort(order);
  return endable.length < count ? undefined : endable.slice(0, count).flatMap(({ streams }) => streams);
}

/**
 * The streams that the viewer may choose among so that `count` places are free; undefined when the strategy does not ask, or
 * the end of all that are offered would not free so many. Whole places: all streams of one have to end. Those with the
 * fewest streams come first, then those least recently seen, so that as many places as can be are within the bound.
 */
export function streamsToOffer(
  strategy: PolicyStrategy,
  places: readonly Place[],
  count: number,
): readonly CountedStream[] | undefined {
  if (strategy !== 'ask') return undefined;
  const sorted = places.filter(isFreeable).sort((a, b) => a.streams.length - b.streams.length || leastRecent(a, b));
  let room = MAX_CONFLICTS;
  const offered = sorted.filter(({ streams }) => (room -= streams.length) >= 0);
  return offered.length < count ? undefined : offered.flatMap(({ streams }) => streams);
}
