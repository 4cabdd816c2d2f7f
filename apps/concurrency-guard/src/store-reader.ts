import { accountKey, parseSessionKey, sessionKey } from '@playhead/event-schemas';
import type { AccountRef } from '@playhead/event-schemas';
import type { KafkaStreams, QueryOptions } from '@playhead/stream-core';
import { STORES } from './guard-processor.ts';
import { NO_ACCOUNT } from './stored-account.ts';
import type { AccountState } from './stored-account.ts';
import { sessionOf } from './stored-session.ts';
import type { SessionState, StoredSession } from './stored-session.ts';

/** An account with the sessions that are remembered of it. */
export interface KnownAccount {
  readonly account: AccountState;
  readonly sessions: readonly SessionState[];
}

/** Reads the guard's stores, wherever their owner is. Every method rejects with `QueryError` when none answered in time. */
export class StoreReader {
  readonly #streams: Pick<KafkaStreams, 'query'>;

  constructor(streams: Pick<KafkaStreams, 'query'>) {
    this.#streams = streams;
  }

  /** One session; undefined when it is not known. */
  async session(
    { tenant, account, session }: AccountRef & { readonly session: string },
    options: QueryOptions,
  ): Promise<SessionState | undefined> {
    const store = this.#streams.query<string, StoredSession>(STORES.sessions);
    const partitionKey = accountKey(tenant, account);
    const { value } = await store.get(sessionKey(tenant, account, session), { ...options, partitionKey });
    return value === undefined ? undefined : sessionOf({ tenant, account, session }, value);
  }

  /** Those of an account's sessions that are known. */
  async sessions(whose: AccountRef, sessions: readonly string[], timeoutMs: number): Promise<readonly SessionState[]> {
    const states = await Promise.all(sessions.map((session) => this.session({ ...whose, session }, { timeoutMs })));
    return states.filter((state) => state !== undefined);
  }

  /** An account; as one of which nothing is known when it is not. */
  async account({ tenant, account }: AccountRef, options: QueryOptions): Promise<AccountState> {
    const accounts = this.#streams.query<string, AccountState>(STORES.accounts);
    return (await accounts.get(accountKey(tenant, account), options)).value ?? NO_ACCOUNT;
  }

  /** An account and its sessions. */
  async whole({ tenant, account, timeoutMs }: AccountRef & { readonly timeoutMs: number }): Promise<KnownAccount> {
    const state = await this.account({ tenant, account }, { timeoutMs });
    return { account: state, sessions: await this.sessions({ tenant, account }, state.sessions, timeoutMs) };
  }

  /** Sessions of all accounts by their keys, both bounds included. */
  async range(
    from: string,
    to: string,
    options: { readonly limit: number; readonly timeoutMs: number },
  ): Promise<{
    readonly entries: readonly { readonly key: string; readonly value: SessionState }[];
    readonly truncated: boolean;
  }> {
    const store = this.#streams.query<string, StoredSession>(STORES.sessions);
    const { entries, truncated } = await store.range(from, to, options);
    return {
      entries: entries.map(({ key, value }) => ({ key, value: sessionOf(parseSessionKey(key), value) })),
      truncated,
    };
  }
}
