import type { PolicyLimit, PolicyRule } from '@playhead/event-schemas';
import { countedValue, groupOf, isCounted } from './counted-stream.ts';
import type { CountedStream } from './counted-stream.ts';
import type { KeptValue } from '../stored-account.ts';

/** What limits are taken from. */
export interface Allowances {
  readonly plan: string;
  /** Of the entitlement. */
  readonly maxStreams: number;
  /** Of the viewer's token. */
  readonly tokenMaxStreams: number | null;
}

/** One place under a rule: a stream, or all streams of one value. */
export interface Place {
  readonly value: string;
  /** The streams of the account that take it; none for a value that is only kept. */
  readonly streams: readonly CountedStream[];
  /** The rule goes on counting the value, so that the end of its streams does not free it. */
  readonly isKept: boolean;
  /** Log time at which it is free if nothing renews it. */
  readonly freeAt: number;
}

/** How many the rule allows; undefined where it says nothing for this account. */
export function limitOf(max: PolicyLimit, { plan, maxStreams, tokenMaxStreams }: Allowances): number | undefined {
  if (typeof max === 'number') return max;
  if ('plans' in max) return (Object.hasOwn(max.plans, plan) ? max.plans[plan] : undefined) ?? max.otherwise;
  return (max.from === 'entitlement' ? maxStreams : (tokenMaxStreams ?? undefined)) ?? max.otherwise;
}

/** The name that values are kept under: with what the rule counts, so that devices do not count as profiles after a change. */
export function keptName(policy: string, { rule, count = 'streams', per = [] }: PolicyRule): string {
  return `${policy}/${rule} ${[count, ...per].join(',')}`;
}

/** The values that a rule of a policy goes on counting: none, once it does not keep any more. */
export function keptBy(policy: string, rule: PolicyRule, kept: readonly KeptValue[]): readonly KeptValue[] {
  if (rule.keepMs === undefined) return [];
  // Without what it counts: as earlier versions stored it.
  const names = new Set([keptName(policy, rule), `${policy}/${rule.rule}`]);
  return kept.filter((value) => names.has(value.rule));
}

/** The places that are taken in the candidate's group, the candidate's own left out. */
export function takenPlaces(
  rule: PolicyRule,
  candidate: CountedStream,
  others: readonly CountedStream[],
  kept: readonly KeptValue[],
  nowMs: number,
): readonly Place[] {
  const own = countedValue(rule, candidate);
  const places = placesByGroup(rule, others, kept, nowMs).get(groupOf(rule, candidate)) ?? [];
  return places.filter(({ value }) => value !== own);
}

/** The places that streams, and values that are kept, take under a rule, for each combination of values that it counts apart. */
export function placesByGroup(
  rule: PolicyRule,
  streams: readonly CountedStream[],
  kept: readonly KeptValue[],
  nowMs: number,
): Map<string, readonly Place[]> {
  const groups = new Map<string, Map<string, Taken>>();
  const placeOf = (group: string, value: string) => {
    const places = groups.get(group) ?? new Map<string, Taken>();
    groups.set(group, places);
    const place = places.get(value) ?? { streams: [], isKept: false, freeAt: 0 };
    places.set(value, place);
    return place;
  };
  for (const stream of streams) {
    if (!isCounted(rule, stream, nowMs)) continue;
    const place = placeOf(groupOf(rule, stream), countedValue(rule, stream));
    place.streams.push(stream);
    place.freeAt = Math.max(place.freeAt, stream.leaseExpiresAt);
  }
  for (const { group, value, until } of kept) {
    if (until <= nowMs) continue;
    const place = placeOf(group, value);
    place.isKept = true;
    place.freeAt = Math.max(place.freeAt, until);
  }
  return new Map(
    [...groups].map(([group, places]) => [group, [...places].map(([value, place]) => ({ value, ...place }))]),
  );
}

/** A place while it is counted. */
interface Taken {
  readonly streams: CountedStream[];
  isKept: boolean;
  freeAt: number;
}
