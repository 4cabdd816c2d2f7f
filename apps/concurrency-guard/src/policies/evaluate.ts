import { MAX_CONFLICTS } from '@playhead/event-schemas';
import type { PolicyRule, PolicyStrategy } from '@playhead/event-schemas';
import type { KeptValue } from '../stored-account.ts';
import { decisiveRules } from './active-policy.ts';
import type { ActivePolicy } from './active-policy.ts';
import { countedValue, groupOf, isAbout, isCounted, isWarmingUp, lacksAttribute, warmUpMs } from './counted-stream.ts';
import type { CountedStream } from './counted-stream.ts';
import { isFreeable, streamsToEnd, streamsToOffer } from './make-room.ts';
import { keptBy, keptName, limitOf, takenPlaces } from './rule-count.ts';
import type { Allowances, Place } from './rule-count.ts';

/** What is asked: may this stream hold a slot. */
export interface Question {
  readonly candidate: CountedStream;
  /** The account's other streams that live, in any order. */
  readonly others: readonly CountedStream[];
  readonly policies: readonly ActivePolicy[];
  readonly allowances: Allowances;
  readonly kept: readonly KeptValue[];
  /** Sessions that the viewer chose to end. */
  readonly end: readonly string[];
  /** Log time. */
  readonly nowMs: number;
  /** True for a stream that runs and is judged again: it is given no grace of its own, but at the end of its warm-up. */
  readonly isRunning: boolean;
  /** True for one that is judged because its warm-up is over: rules with one count it for the first time, as others at its start. */
  readonly isWarmedUp?: boolean;
  /** The tenant is in SHADOW: rules only count. */
  readonly shadow: boolean;
  /** End of the last grace that the stream itself was given; 0: none. */
  readonly ownGraceUntil: number;
  /** End of the last grace that any session of the account was given; looked up only where a grace is in question. */
  readonly lastGraceUntil: () => number;
}

/** What one rule said. */
export interface RuleOutcome {
  readonly policy: string;
  readonly version: number;
  readonly rule: string;
  readonly allowed: boolean;
  readonly shadow: boolean;
  readonly strategy: PolicyStrategy;
  readonly group: string;
  /** Places taken, the candidate's included. */
  readonly current: number;
  readonly max: number;
}

/** Why a start is refused. */
export type DenyReason = 'concurrency-limit' | 'missing-attribute' | 'replaced' | 'session-ended' | 'system-limit';

/** The answer. Sessions are listed oldest first; nothing is ended by a start that is refused. */
export interface Answer {
  readonly allowed: boolean;
  readonly reason: DenyReason | undefined;
  /** Who refused. */
  readonly refusedBy: RuleOutcome | undefined;
  readonly rules: readonly RuleOutcome[];
  /** What is in the way, at most `MAX_CONFLICTS`; where the viewer may choose, what makes room when it ends. */
  readonly conflicts: readonly CountedStream[];
  /** True when the viewer may choose what to end. */
  readonly mayEnd: boolean;
  /** Older sessions of the device. */
  readonly replaced: readonly string[];
  /** Sessions that make room. */
  readonly ended: readonly { readonly session: string; readonly by: 'viewer' | 'policy' }[];
  /** Log time at which enough places are free, if nothing renews them. */
  readonly freeAt: number | undefined;
  /** End of the grace that it was given. */
  readonly graceUntil: number | undefined;
  /** It is to be judged again at this log time, or at this many beats. */
  readonly judgeAt: number | undefined;
  readonly judgeAtBeats: number | undefined;
  /** Values to keep counting. */
  readonly kept: readonly KeptValue[];
}

/** A rule that was asked. */
interface Asked {
  readonly outcome: RuleOutcome;
  readonly rule: PolicyRule;
  readonly places: readonly Place[];
  /** Places over the limit, 0 or less: none. */
  readonly over: number;
  readonly isMissing: boolean;
}

/** Asks every rule of every policy; all have to allow. Pure: the same question has the same answer. */
export function evaluate(question: Question): Answer {
  const { candidate, nowMs } = question;
  const asking = withoutReplaced(question);
  if (asking.newer.length > 0) {
    const freeAt = Math.min(...asking.newer.map(({ leaseExpiresAt }) => leaseExpiresAt));
    return { ...denied('replaced', undefined, asking.newer), rules: [], ...never, freeAt };
  }
  const asked = askRules(question, asking.others);
  const decisive = asked.filter(({ outcome }) => !outcome.shadow);
  const graceUntil = graceOf(question, decisive, asking.replaced.length > 0);
  const isAllowed = (one: Asked): boolean => !refuses(one) || isInGrace(one, graceUntil);
  const refusals = decisive.filter((one) => !isAllowed(one));
  const [refusing] = refusals;
  const rules = asked.map((one) => {
    const allowed = isAllowed(one);
    // What it ends makes room: afterwards as many places are taken as there are.
    const isMade =
      refusing === undefined && allowed && one.over > 0 && !isInGrace(one, graceUntil) && !one.outcome.shadow;
    return { ...one.outcome, allowed, current: isMade ? one.outcome.max : one.outcome.current };
  });
  if (refusing !== undefined) {
    const reason = refusing.isMissing ? 'missing-attribute' : 'concurrency-limit';
    const { outcome, places, isMissing } = refusing;
    const offered = streamsToOffer(refusals);
    const conflicts = isMissing ? [] : (offered ?? places.flatMap(({ streams }) => streams));
    const by = { ...outcome, allowed: false };
    const freeAt = freeAgainAt(refusals);
    return { ...denied(reason, by, conflicts), rules, ...never, freeAt, mayEnd: offered !== undefined };
  }
  return {
    allowed: true,
    reason: undefined,
    refusedBy: undefined,
    rules,
    conflicts: [],
    mayEnd: false,
    // In SHADOW a start stops no older stream of its device. They are left out of the counts all the same, as when policies decide.
    replaced: question.shadow ? [] : asking.replaced.map(({ session }) => session),
    ended: [
      ...asking.chosen.map(({ session }) => ({ session, by: 'viewer' as const })),
      ...endings(decisive, graceUntil).map(({ session }) => ({ session, by: 'policy' as const })),
    ],
    freeAt: undefined,
    graceUntil,
    ...judging(question, graceUntil),
    // A value that is over the limit is none of those that are kept until its grace has ended well.
    kept: decisive.flatMap((one) =>
      one.rule.keepMs === undefined || isInGrace(one, graceUntil)
        ? []
        : [
            {
              rule: keptName(one.outcome.policy, one.rule),
              group: one.outcome.group,
              value: countedValue(one.rule, candidate),
              until: nowMs + one.rule.keepMs,
            },
          ],
    ),
  };
}

const never = {
  mayEnd: false,
  replaced: [],
  ended: [],
  freeAt: undefined,
  graceUntil: undefined,
  judgeAt: undefined,
  judgeAtBeats: undefined,
  kept: [],
} as const;

function denied(reason: DenyReason, refusedBy: RuleOutcome | undefined, conflicts: readonly CountedStream[]) {
  return { allowed: false, reason, refusedBy, conflicts: conflicts.toSorted(byAge).slice(0, MAX_CONFLICTS) } as const;
}

/** True when a start takes the place of older streams of its device. */
export function takesDevice(candidate: CountedStream, policies: readonly ActivePolicy[]): boolean {
  if (candidate.exempt || candidate.attributes.device === null) return false;
  return !decisiveRules(policies).some((rule) => rule.sameDevice === 'keep' && isAbout(rule, candidate));
}

/** The others without those that the start replaces and those that the viewer chose to end. */
function withoutReplaced({ candidate, others, policies, end, isRunning, shadow }: Question) {
  const { device } = candidate.attributes;
  const isNewer = ({ startedAt }: CountedStream): boolean => startedAt > candidate.startedAt;
  const same =
    isRunning || !takesDevice(candidate, policies)
      ? []
      : others
          .filter(({ attributes, exempt }) => attributes.device === device && !exempt)
          // In SHADOW nothing is refused: the newer one goes on beside it.
          .filter((stream) => !shadow || !isNewer(stream))
          .sort(byAge);
  const newer = same.filter(isNewer);
  const chosen = others.filter((stream) => end.includes(stream.session) && !same.includes(stream)).sort(byAge);
  return {
    newer,
    replaced: same,
    chosen,
    others: others.filter((stream) => !same.includes(stream) && !chosen.includes(stream)),
  };
}

function askRules(question: Question, others: readonly CountedStream[]): readonly Asked[] {
  const { candidate, policies, nowMs } = question;
  return policies.flatMap(({ policy, version }) =>
    policy.rules
      .filter((rule) => isCounted(rule, candidate, nowMs))
      .flatMap((rule) => {
        const max = limitOf(rule.max, question.allowances);
        const isMissing = rule.missing === 'refuse' && lacksAttribute(rule, candidate);
        if (max === undefined || (rule.missing === 'skip' && lacksAttribute(rule, candidate))) return [];
        const kept = keptBy(policy.policy, rule, question.kept);
        const places = takenPlaces(rule, candidate, others, kept, nowMs);
        const current = places.length + 1;
        const outcome = {
          policy: policy.policy,
          version,
          rule: rule.rule,
          allowed: true,
          shadow: question.shadow || policy.mode === 'shadow',
          strategy: rule.strategy ?? 'block-new',
          group: groupOf(rule, candidate),
          current,
          max,
        } as const;
        return [{ outcome, rule, places, over: current - max, isMissing }];
      }),
  );
}

/**
 * A rule that blocks is asked about the streams as they are: what another rule would end makes no room for it. So "the
 * latest wins" beside "at most two" refuses a third.
 */
function refuses({ outcome, places, over, isMissing }: Asked): boolean {
  return isMissing || (over > 0 && streamsToEnd(outcome.strategy, places, over) === undefined);
}

function endings(asked: readonly Asked[], graceUntil: number | undefined): readonly CountedStream[] {
  const ended = new Set<CountedStream>();
  for (const one of asked) {
    if (one.over <= 0 || isInGrace(one, graceUntil)) continue;
    const left = one.places.filter(
      (place) => !isFreeable(place) || !place.streams.every((stream) => ended.has(stream)),
    );
    const over = one.over - (one.places.length - left.length);
    for (const stream of streamsToEnd(one.outcome.strategy, left, Math.max(0, over)) ?? []) ended.add(stream);
  }
  return [...ended].sort(byAge);
}

/**
 * The shortest grace among the rules that the start exceeds by no more than their graces; one at a time, and not again at
 * once. A stream that has one keeps it to its end, also when it is judged for another reason or comes back. A stream that
 * runs has its part in the one that its account has: that says how many may go on until when, not which. So has a start
 * that replaces a stream of its device (zapping): it makes no more of them. Without that a stream that runs is given one
 * at the end of its warm-up alone, by rules that have one.
 */
function graceOf(
  { nowMs, isRunning, isWarmedUp = false, ownGraceUntil, lastGraceUntil }: Question,
  asked: readonly Asked[],
  isReplacing: boolean,
): number | undefined {
  const lending = asked
    .filter(({ over, isMissing, rule }) => !isMissing && over > 0 && over <= (rule.grace?.streams ?? 0))
    .map(({ rule }) => rule);
  if (lending.length === 0) return undefined;
  if (ownGraceUntil > nowMs) return ownGraceUntil;
  const lastUntil = lastGraceUntil();
  if (lastUntil > nowMs && (isRunning || isReplacing)) return lastUntil;
  if (isRunning && !(isWarmedUp && lending.every(({ warmUp }) => warmUp !== undefined))) return undefined;
  const span = Math.min(...lending.map(({ grace }) => grace?.forMs ?? 0));
  return lastUntil + span > nowMs ? undefined : nowMs + span;
}

const isInGrace = ({ over, isMissing, rule }: Asked, graceUntil: number | undefined): boolean =>
  graceUntil !== undefined && !isMissing && over > 0 && over <= (rule.grace?.streams ?? 0);

/** When the stream is judged again: at the end of its grace, or of the first warm-up that is over. */
function judging({ candidate, policies, nowMs }: Question, graceUntil: number | undefined) {
  const warming = decisiveRules(policies).filter(
    (rule) => isAbout(rule, candidate) && isWarmingUp(rule, candidate, nowMs),
  );
  const times = warming.map((rule) => candidate.startedAt + warmUpMs(rule));
  const judgeAt = Math.min(graceUntil ?? Infinity, ...times);
  const judgeAtBeats = Math.min(...warming.map(({ warmUp }) => warmUp?.beats ?? Infinity));
  return {
    judgeAt: Number.isFinite(judgeAt) ? judgeAt : undefined,
    judgeAtBeats: Number.isFinite(judgeAtBeats) ? judgeAtBeats : undefined,
  };
}

/** When every rule that refuses has places again, if nothing renews them; undefined where one never has. */
function freeAgainAt(refusals: readonly Asked[]): number | undefined {
  const times = refusals.map(({ places, over, isMissing }) =>
    isMissing ? undefined : places.map(({ freeAt }) => freeAt).sort((a, b) => a - b)[over - 1],
  );
  return times.some((time) => time === undefined) ? undefined : Math.max(...times.map((time) => time ?? 0));
}

function byAge(a: CountedStream, b: CountedStream): number {
  return a.startedAt - b.startedAt || (a.session < b.session ? -1 : 1);
}
