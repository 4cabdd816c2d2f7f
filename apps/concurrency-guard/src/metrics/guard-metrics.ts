import { ClockSkew } from './clock-skew.ts';
import type { Occasion } from '../admissions.ts';

/** Reasons that have a label of their own; others count as `other`. */
const REASONS = [
  'concurrency-limit',
  'missing-attribute',
  'system-limit',
  'replaced',
  'session-ended',
  'newer-stream',
  'viewer-choice',
  'two-players',
  'played-on-after-stop',
  'terminated',
  'stopped-by-viewer',
  'stopped-by-operator',
  'stopped-by-service',
] as const;

/** Counts by a closed list of labels. */
type Counts = Record<string, number>;

/**
 * What the guard counts, as plain numbers that are read when metrics are: a beat costs two additions. The labels are
 * closed lists, so the series are bounded; accounts and tenants are in the topics instead.
 */
export class GuardMetrics {
  /** Decisions by `<occasion> <outcome>`. */
  readonly decisions: Counts = {};
  /** Refusals by reason. */
  readonly denials: Counts = {};
  /** Streams ended by somebody else, and sessions that played on after their own stop, by reason. */
  readonly endings: Counts = {};
  /** Starts and streams that a rule in shadow would have refused. */
  shadowDenials = 0;
  /** Starts that the gateway admitted because nobody decided in time. */
  uncheckedAdmissions = 0;
  /** Of them, those that a policy refused later. */
  uncheckedOverLimit = 0;
  /** Leases that ran out. */
  lapses = 0;
  /** Sessions that two players reported on. */
  twoPlayers = 0;
  /** Received time of the last record that each partition's task has processed, as its stores tell it when it begins. */
  readonly processed = new Map<number, number>();
  readonly clocks = new ClockSkew();
  #maxDecisionDelayMs = 0;

  decided(occasion: Occasion, denyReason: string | undefined): void {
    add(this.decisions, `${occasion} ${denyReason === undefined ? 'allow' : 'deny'}`);
    if (denyReason !== undefined) add(this.denials, known(denyReason));
  }

  ended(reason: string): void {
    add(this.endings, known(reason));
  }

  /** A start was decided so long after the gateway received it. */
  delayed(delayMs: number): void {
    if (delayMs > this.#maxDecisionDelayMs) this.#maxDecisionDelayMs = delayMs;
  }

  /** Greatest time from a start's receipt to its decision since the last call. */
  takeMaxDecisionDelayMs(): number {
    const delayMs = this.#maxDecisionDelayMs;
    this.#maxDecisionDelayMs = 0;
    return delayMs;
  }
}

const known = (reason: string): string => ((REASONS as readonly string[]).includes(reason) ? reason : 'other');

function add(counts: Counts, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
