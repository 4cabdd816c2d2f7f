import { readFileSync } from 'node:fs';

/** What the guard knows of an account. Store accounts, keyed tenant/account. */
export interface AccountState {
  /** Plan of its entitlement; null without one. */
  readonly plan: string | null;
  /** Streams at once; null: those of the default plan. */
  readonly maxStreams: number | null;
  /** Sessions that are not forgotten, by the time they were first seen. */
  readonly sessions: readonly string[];
}

/** The Avro schema of the values of the store `accounts`. */
export const ACCOUNT_STATE_SCHEMA: string = readFileSync(
  new URL('../avro/account-state.avsc', import.meta.url),
  'utf8',
);
