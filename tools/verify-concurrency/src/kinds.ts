/** What rule an account's starts are asked about, by the name of its plan; README.md says what is checked of each. */
export const KINDS = ['plain', 'grace', 'end-oldest', 'kept', 'shadow', 'exempt', 'silent', 'named'] as const;

/** One of {@link KINDS}. */
export type AccountKind = (typeof KINDS)[number];

/** The accounts of a run take these in turn. Those of kind `named` are made apart. */
export const KINDS_IN_TURN = ['plain', 'grace', 'end-oldest', 'kept', 'plain', 'shadow', 'exempt', 'silent'] as const;

/** Streams over the limit that a grace admits. */
export const GRACE_STREAMS = 1;
/** How long a grace lasts, and how long a device counts after its last start, in beat intervals. */
const GRACE_INTERVALS = 3;
const KEEP_INTERVALS = 8;

/** The times of the policies, in milliseconds. */
export interface PolicyTimes {
  readonly graceForMs: number;
  readonly keepMs: number;
}

/** The times of the policies in a run. */
export function policyTimes(intervalMs: number): PolicyTimes {
  return { graceForMs: GRACE_INTERVALS * intervalMs, keepMs: KEEP_INTERVALS * intervalMs };
}

/** A policy as the API takes it. */
interface PolicyBody {
  readonly policy: string;
  readonly mode?: 'shadow';
  readonly rules: readonly object[];
}

/** The policies of the tenant. What is enforced is one policy, so that no guard knows some of the rules and not the others; what only counts is another. */
export function policiesOf({ graceForMs, keepMs }: PolicyTimes): readonly PolicyBody[] {
  const max = { from: 'entitlement' };
  const only = (plan: AccountKind): object => ({ plan: [plan] });
  return [
    {
      policy: 'verify',
      rules: [
        { rule: 'limit', where: { not: { plan: ['grace', 'end-oldest', 'kept'] } }, max },
        { rule: 'grace', where: only('grace'), max, grace: { streams: GRACE_STREAMS, forMs: graceForMs } },
        { rule: 'end-oldest', where: only('end-oldest'), max, strategy: 'end-oldest' },
        { rule: 'kept', where: only('kept'), max, count: 'device', keepMs },
      ],
    },
    {
      policy: 'verify-shadow',
      mode: 'shadow',
      rules: [
        { rule: 'none', where: only('shadow'), max: 0 },
        { rule: 'one', where: only('shadow'), max: 1, strategy: 'end-oldest' },
      ],
    },
  ];
}
