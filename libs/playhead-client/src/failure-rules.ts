/** How a report to the gateway failed. */
export type FailureKind = 'network' | 'unavailable' | 'unauthorized' | 'conflict' | 'too-many' | 'refused';

/** What a player does about it. */
export interface FailureRule {
  /** Whether the same report is sent again; another one takes its place when it is due. */
  readonly retry: 'with-backoff' | 'after-retry-after' | 'never';
  /** Whether the failure uses the budget up, after which the player stops. */
  readonly usesBudget: boolean;
  /** Whether a new session is asked for, once. */
  readonly startAnew: boolean;
}

/** One row a failure; the README's table has the same rows. */
const RULES: Readonly<Record<FailureKind, FailureRule>> = {
  network: { retry: 'with-backoff', usesBudget: true, startAnew: false },
  unavailable: { retry: 'with-backoff', usesBudget: true, startAnew: false },
  unauthorized: { retry: 'never', usesBudget: true, startAnew: true },
  conflict: { retry: 'never', usesBudget: false, startAnew: false },
  'too-many': { retry: 'after-retry-after', usesBudget: false, startAnew: false },
  refused: { retry: 'never', usesBudget: false, startAnew: false },
};

/** The kind of a status; 0 is no answer. Undefined for a success. */
export function failureKind(status: number): FailureKind | undefined {
  if (status === 0) return 'network';
  if (status >= 200 && status < 300) return undefined;
  if (status >= 500) return 'unavailable';
  if (status === 401) return 'unauthorized';
  if (status === 409) return 'conflict';
  return status === 429 ? 'too-many' : 'refused';
}

/** What to do about a failure. */
export const failureRule = (kind: FailureKind): FailureRule => RULES[kind];
