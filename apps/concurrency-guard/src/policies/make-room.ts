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

const fewest: Order = (a, b) => a.streams.length - b.streams.length || leastRecent(a, b);

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

/** A rule that refuses a start. */
export interface Refusal {
  readonly outcome: { readonly strategy: PolicyStrategy };
  readonly places: readonly Place[];
  /** Places over the limit. */
  readonly over: number;
  /** It refuses for want of an attribute. */
  readonly isMissing: boolean;
}

/**
 * The streams that the viewer may choose among; undefined when the first rule that refuses does not ask, or when the end of
 * all that can be offered would not make room under every rule that refuses. Of each rule that asks whole places: all
 * streams of one have to end. Those with the fewest streams come first, then those least recently seen, so that as many
 * places as can be are within the bound.
 */
export function streamsToOffer(refusals: readonly Refusal[]): readonly CountedStream[] | undefined {
  if (refusals[0]?.outcome.strategy !== 'ask') return undefined;
  const offered = new Set<CountedStream>();
  const asking = refusals.filter(({ outcome }) => outcome.strategy === 'ask');
  for (const [index, { places }] of asking.entries()) {
    let room = Math.floor((MAX_CONFLICTS - offered.size) / (asking.length - index));
    for (const { streams } of places.filter(isFreeable).sort(fewest)) {
      const more = streams.filter((stream) => !offered.has(stream));
      room -= more.length;
      if (room < 0) break;
      for (const stream of more) offered.add(stream);
    }
  }
  const isFreed = (place: Place): boolean => isFreeable(place) && place.streams.every((stream) => offered.has(stream));
  const isEnough = ({ places, over, isMissing }: Refusal): boolean =>
    !isMissing && places.filter(isFreed).length >= over;
  return refusals.every(isEnough) ? [...offered] : undefined;
}
