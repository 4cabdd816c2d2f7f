import { attributeValue, fulfils } from '@playhead/event-schemas';
import type { PolicyRule, StreamAttributes } from '@playhead/event-schemas';

/** A stream of an account as rules see it. */
export interface CountedStream {
  readonly session: string;
  readonly attributes: StreamAttributes;
  /** Exempt content holds no slot, unless a rule says so. */
  readonly exempt: boolean;
  readonly startedAt: number;
  readonly lastSeenAt: number;
  readonly leaseExpiresAt: number;
  readonly beats: number;
  /** Null: it is not paused. */
  readonly pausedSince: number | null;
}

/** True when the rule is about the stream at all. */
export function isAbout(rule: PolicyRule, { attributes, exempt }: CountedStream): boolean {
  return (!exempt || rule.exempt === 'count') && fulfils(attributes, rule.where);
}

/** True when the stream takes a place under the rule at log time `nowMs`. */
export function isCounted(rule: PolicyRule, stream: CountedStream, nowMs: number): boolean {
  return isAbout(rule, stream) && !isWarmingUp(rule, stream, nowMs) && !isFreeByPause(rule, stream, nowMs);
}

/** A warm-up waits so long for a beat: of what only a back end sees, or a player that sends events alone, none comes. */
const LONGEST_BEAT_MS = 60_000;

/** How long the rule's warm-up lasts at most, milliseconds; 0 without one. */
export function warmUpMs({ warmUp }: PolicyRule): number {
  if (warmUp === undefined) return 0;
  return Math.min(warmUp.ms ?? Infinity, (warmUp.beats ?? Infinity) * LONGEST_BEAT_MS);
}

/** True until the stream has lived, or beaten, as long as the rule's warm-up says. */
export function isWarmingUp(rule: PolicyRule, { startedAt, beats }: CountedStream, nowMs: number): boolean {
  // Lookups ask by the wall clock, which may be behind the start.
  if (rule.warmUp === undefined) return false;
  return nowMs - startedAt < warmUpMs(rule) && beats < (rule.warmUp.beats ?? Infinity);
}

/** The values that the rule counts apart, as text; empty for a rule that counts all together. */
export function groupOf({ per = [] }: PolicyRule, { attributes }: CountedStream): string {
  return per.map((name) => `${name}=${attributeValue(attributes, name) ?? ''}`).join(',');
}

/** What the stream counts as: itself, or its value of the rule's attribute; streams without a value are one value together. */
export function countedValue({ count = 'streams' }: PolicyRule, { session, attributes }: CountedStream): string {
  return count === 'streams' ? session : (attributeValue(attributes, count) ?? '');
}

/** True when the stream lacks an attribute that the rule counts by. */
export function lacksAttribute({ count = 'streams', per = [] }: PolicyRule, { attributes }: CountedStream): boolean {
  const names = count === 'streams' ? per : [...per, count];
  return names.some((name) => attributeValue(attributes, name) === null);
}

/** True when the stream's pause keeps its place under the rule free. */
export function isFreeByPause(
  { paused = 'count' }: PolicyRule,
  { pausedSince }: CountedStream,
  nowMs: number,
): boolean {
  if (pausedSince === null || paused === 'count') return false;
  return paused === 'free' || nowMs - pausedSince >= paused.freeAfterMs;
}
