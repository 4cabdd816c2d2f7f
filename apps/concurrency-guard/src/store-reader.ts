import { accountKey, parseSessionKey, sessionKey } from '@playhead/event-schemas';
import type { AccountRef } from '@playhead/event-schemas';
import type { KafkaStreams, QueryOptions } from '@playhead/stream-core';
import { STORES } from './guard-processor.ts';
import { NO_ACCOUNT } from './stored-account.ts';
import type { AccountState } from './stored-account.ts';
import { sessionOf } from './stored-session.ts';
import type { SessionRef, SessionState, StoredSession } from './stored-session.ts';

/** What was read, and by how many records a copy was behind that answered while the owner was away; absent: the owner answered. */
export interface Reading<T> {
  readonly value: T;
  readonly staleBy?: number;
}

/** An account with the sessions that are remembered of it. */
export interface KnownAccount {
  readonly account: AccountState;
  readonly sessions: readonly SessionState[];
}

/** For lookups: while the owner is away, what a copy has. */
const ANY_COPY: QueryOptions = { staleWithin: Infinity };

/** Reads the guard's stores, wherever their owner is. Every method rejects with `QueryError` when none answered in time. */
export class StoreReader {
  readonly #streams: Pick<KafkaStreams, 'query'>;

  constructor(streams: Pick<KafkaStreams, 'query'>) {
    this.#streams = streams;
  }

  /** One session at its owner; undefined when it is not known. */
  async ownedSession(session: SessionRef, options: QueryOptions): Promise<SessionState | undefined> {
    return (await this.#session(session, options)).value;
  }

  /** One session; undefined when it is not known. That only its owner can say: a copy may lack the record. */
  async session(session: SessionRef, timeoutMs: number): Promise<Reading<SessionState | undefined>> {
    const reading = await this.#session(session, { ...ANY_COPY, timeoutMs });
    if (reading.value !== undefined || reading.staleBy === undefined) return reading;
    return this.#session(session, { timeoutMs });
  }

  /** Those of an account's sessions that are known. */
  async sessions(
    whose: AccountRef,
    sessions: readonly string[],
    timeoutMs: number,
  ): Promise<Reading<readonly SessionState[]>> {
    const readings = await Promise.all(sessions.map((session) => this.session({ ...whose, session }, timeoutMs)));
    const value = readings.map((reading) => reading.value).filter((state) => state !== undefined);
    return { value, ...stalest(readings) };
  }

  /** An account at its owner; as one of which nothing is known when it is not. */
  async ownedAccount({ tenant, account }: AccountRef, options: QueryOptions): Promise<AccountState> {
    const accounts = this.#streams.query<string, AccountState>(STORES.accounts);
    return (await accounts.get(accountKey(tenant, account), options)).value ?? NO_ACCOUNT;
  }

  /** An account and its sessions. */
  async whole({
    tenant,
    account,
    timeoutMs,
  }: AccountRef & { readonly timeoutMs: number }): Promise<Reading<KnownAccount>> {
    const accounts = this.#streams.query<string, AccountState>(STORES.accounts);
    const found = await accounts.get(accountKey(tenant, account), { ...ANY_COPY, timeoutMs });
    const state = found.value ?? NO_ACCOUNT;
    const sessions = await this.sessions({ tenant, account }, state.sessions, timeoutMs);
    return {
      value: { account: state, sessions: sessions.value },
      ...stalest([sessions, { value: state, ...staleness(found.staleLag) }]),
    };
  }

  /** Sessions of all accounts by their keys, both bounds included. */
  async range(
    from: string,
    to: string,
    options: { readonly limit: number; readonly timeoutMs: number },
  ): Promise<{
    readonly entries: readonly { readonly key: string; readonly value: SessionState }[];
    readonly truncated: boolean;
    readonly staleBy?: number;
  }> {
    const store = this.#streams.query<string, StoredSession>(STORES.sessions);
    const { entries, truncated, staleLag } = await store.range(from, to, { ...ANY_COPY, ...options });
    const sessions = entries.map(({ key, value }) => ({ key, value: sessionOf(parseSessionKey(key), value) }));
    return { entries: sessions, truncated, ...staleness(staleLag) };
  }

  async #session(
    { tenant, account, session }: SessionRef,
    options: QueryOptions,
  ): Promise<Reading<SessionState | undefined>> {
    const store = this.#streams.query<string, StoredSession>(STORES.sessions);
    const partitionKey = accountKey(tenant, account);
    const { value, staleLag } = await store.get(sessionKey(tenant, account, session), { ...options, partitionKey });
    const state = value === undefined ? undefined : sessionOf({ tenant, account, session }, value);
    return { value: state, ...staleness(staleLag) };
  }
}

const staleness = (staleLag: number | undefined): { readonly staleBy?: number } =>
  staleLag === undefined ? {} : { staleBy: staleLag };

/** An answer of several readings is as stale as the stalest. */
function stalest(readings: readonly Reading<unknown>[]): { readonly staleBy?: number } {
  const lags = readings.map(({ staleBy }) => staleBy).filter((lag) => lag !== undefined);
  return lags.length === 0 ? {} : { staleBy: Math.max(...lags) };
}
