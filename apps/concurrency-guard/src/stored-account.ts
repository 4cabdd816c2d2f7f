import { readFileSync } from 'node:fs';

/** A value that a rule goes on counting for a while after its last start. */
export interface KeptValue {
  /** Policy and rule, with what it counts. */
  readonly rule: string;
  /** Values counted apart. */
  readonly group: string;
  /** Value. */
  readonly value: string;
  /** Log time. */
  readonly until: number;
}

/** What the guard knows of an account. Store accounts, keyed tenant/account. */
export interface AccountState {
  /** Plan of its entitlement; null without one. */
  readonly plan: string | null;
  /** Streams at once; null: those of the default plan. */
  readonly maxStreams: number | null;
  /** Sessions that are not forgotten, by the time they were first seen. */
  readonly sessions: readonly string[];
  /** End of the last ticket among the sessions with a verdict or a stop that were forgotten early; 0: none was. */
  readonly forgottenTicketsUntil: number;
  /** Values that rules go on counting, the latest last. */
  readonly kept: readonly KeptValue[];
  /** When its entitlement was set; null without one, and of one that an earlier version stored. */
  readonly entitledAt: number | null;
  /** Role of the one who set it. */
  readonly entitledBy: string | null;
}

/** An account of which nothing is known. */
export const NO_ACCOUNT: AccountState = {
  plan: null,
  maxStreams: null,
  sessions: [],
  forgottenTicketsUntil: 0,
  kept: [],
  entitledAt: null,
  entitledBy: null,
};

/** True for an account with an entitlement of its own; what that does not say is the default plan's. */
export const isEntitled = ({ plan, maxStreams }: Pick<AccountState, 'plan' | 'maxStreams'>): boolean =>
  plan !== null || maxStreams !== null;

/** True when nothing is left to know of an account at `nowMs`. */
export const isEmptyAccount = (state: AccountState, nowMs: number): boolean =>
  !isEntitled(state) &&
  state.sessions.length === 0 &&
  state.forgottenTicketsUntil <= nowMs &&
  state.kept.every(({ until }) => until <= nowMs);

/** The Avro schema of the values of the store `accounts`. */
export const ACCOUNT_STATE_SCHEMA: string = readFileSync(
  new URL('../avro/account-state.avsc', import.meta.url),
  'utf8',
);
