import { accountKey, MAX_STREAMS, parseSessionKey, sessionKey } from '@playhead/event-schemas';
import type { AccountRef } from '@playhead/event-schemas';
import type { KeyValueStore } from '@playhead/stream-core';
import { RememberedLeases } from './remembered-leases.ts';
import type { RememberedLease } from './remembered-leases.ts';
import { scheduleFor } from './session-schedule.ts';
import type { SessionSchedule } from './session-schedule.ts';
import { decidedEventId, isLive, nextDueMs } from './session-state.ts';
import { isEmptyAccount, NO_ACCOUNT } from './stored-account.ts';
import type { AccountState, KeptValue } from './stored-account.ts';
import { sessionOf } from './stored-session.ts';
import type { SessionRef, SessionState, StoredSession } from './stored-session.ts';

/** Sessions that an account is remembered with; with one more the least telling ones are forgotten early. Well above `MAX_STREAMS`, so that none that lives is. */
export const MAX_SESSIONS_PER_ACCOUNT = 1200;
/** So many then, as long as they do not live: to find them costs a reading of all. */
export const FORGOTTEN_AT_ONCE = 64;

/** Leases that ended within this before the last record are announced once more by a task that begins. */
const LAPSES_TOLD_AGAIN_MS = 60_000;

/** Values that rules go on counting for an account; of more the oldest are forgotten. */
const MAX_KEPT_VALUES = 200;

/** What an account has that no entitlement is known of. */
export interface DefaultPlan {
  readonly plan: string;
  readonly maxStreams: number;
}

/** What an account may do at this point of the log. */
export interface Limit {
  readonly plan: string;
  readonly maxStreams: number;
}

/** What a task finds when it begins. */
export interface Restored {
  /** The greatest log time that the sessions tell of, −1 without any. */
  readonly logTimeMs: number;
  /** Keys of sessions whose lease ended lately, which was announced by the wall clock: a crash may have lost that. */
  readonly lapsed: readonly string[];
}

/** What an account may do. */
export function limitOfAccount({ plan, maxStreams }: AccountState, defaultPlan: DefaultPlan): Limit {
  return {
    plan: plan ?? defaultPlan.plan,
    maxStreams: Math.min(MAX_STREAMS, maxStreams ?? defaultPlan.maxStreams),
  };
}

/** The two stores of a task as the guard reads and writes them, with the times at which sessions come up. */
export class GuardState {
  readonly #accounts: KeyValueStore<string, AccountState>;
  readonly #sessions: KeyValueStore<string, StoredSession>;
  readonly #expiry: SessionSchedule;
  readonly #leases = new RememberedLeases();
  readonly #defaultPlan: DefaultPlan;

  constructor(
    accounts: KeyValueStore<string, AccountState>,
    sessions: KeyValueStore<string, StoredSession>,
    defaultPlan: DefaultPlan,
  ) {
    this.#accounts = accounts;
    this.#sessions = sessions;
    this.#expiry = scheduleFor(sessions);
    this.#defaultPlan = defaultPlan;
  }

  /** Schedules what was restored. */
  restore(): Restored {
    let logTimeMs = -1;
    const lapses: { readonly key: string; readonly endedAt: number }[] = [];
    for (const { key, value } of this.#sessions.all()) {
      const { phase, leaseExpiresAt: endedAt } = value;
      this.#expiry.schedule(key, nextDueMs(value));
      logTimeMs = Math.max(logTimeMs, value.lastSeenAt, value.startedAt, value.barredAt ?? -1);
      if (phase === 'LAPSED' && endedAt > logTimeMs - LAPSES_TOLD_AGAIN_MS) lapses.push({ key, endedAt });
    }
    const lapsed = lapses.filter(({ endedAt }) => endedAt > logTimeMs - LAPSES_TOLD_AGAIN_MS).map(({ key }) => key);
    return { logTimeMs, lapsed };
  }

  session({ tenant, account, session }: SessionRef): SessionState | null {
    const stored = this.#sessions.get(sessionKey(tenant, account, session));
    return stored === null ? null : sessionOf({ tenant, account, session }, stored);
  }

  /**
   * False for half a session: it is stored and its account does not know it. A crash leaves that, because the two are
   * written to two changelogs; the record that made the session then comes again.
   */
  isWhole({ tenant, account, session }: SessionRef): boolean {
    return this.#account(accountKey(tenant, account)).sessions.includes(session);
  }

  /** The account's sessions that live at log time `nowMs`. */
  liveSessions(whose: AccountRef, nowMs: number): readonly SessionState[] {
    const names = this.liveLeases(whose, nowMs)?.map(({ session }) => session);
    const states = names === undefined ? this.#lookedThrough(whose) : this.#statesOf(whose, names);
    return states.filter((state) => isLive(state, nowMs));
  }

  /** The same without reading them; undefined where that is not known. */
  liveLeases({ tenant, account }: AccountRef, nowMs: number): readonly RememberedLease[] | undefined {
    return this.#leases.liveAt(accountKey(tenant, account), nowMs);
  }

  /** The account's sessions that are remembered. */
  sessions({ tenant, account }: AccountRef): readonly SessionState[] {
    return this.#statesOf({ tenant, account }, this.#account(accountKey(tenant, account)).sessions);
  }

  /** Values that rules of the account go on counting. */
  kept({ tenant, account }: AccountRef): readonly KeptValue[] {
    return this.#account(accountKey(tenant, account)).kept;
  }

  /** Keeps values counted: one of the same rule, group and value takes the place of the older, what is over goes, and of too many the oldest. */
  keep({ tenant, account }: AccountRef, values: readonly KeptValue[], nowMs: number): void {
    if (values.length === 0) return;
    const key = accountKey(tenant, account);
    const found = this.#account(key);
    const isSame = (a: KeptValue, b: KeptValue): boolean =>
      a.rule === b.rule && a.group === b.group && a.value === b.value;
    const older = found.kept.filter((old) => old.until > nowMs && !values.some((value) => isSame(value, old)));
    this.#accounts.put(key, { ...found, kept: [...older, ...values].slice(-MAX_KEPT_VALUES) }, nowMs);
  }

  limit({ tenant, account }: AccountRef): Limit {
    return limitOfAccount(this.#account(accountKey(tenant, account)), this.#defaultPlan);
  }

  /**
   * Stores a session at the time of what changed it. Returns the sessions that were forgotten for it, if the account had
   * too many.
   */
  put(state: SessionState, nowMs: number): readonly SessionState[] {
    const { tenant, account, session } = state;
    const key = sessionKey(tenant, account, session);
    const isNew = this.#sessions.get(key) === null;
    this.#sessions.put(key, state, nowMs);
    this.#expiry.schedule(key, nextDueMs(state));
    if (isNew) return this.#register(state, nowMs);
    this.#leases.stored(accountKey(tenant, account), state, false);
    return [];
  }

  /**
   * True when a session that is not known may be one with a verdict or a stop that was forgotten early: its ticket is no
   * younger than theirs, so it opens nothing. A session that asked is known and is not meant. Once the last of those
   * tickets is over at log time `nowMs` nobody is meant: evidence without a ticket would be refused for ever.
   */
  mayHaveEnded(
    { tenant, account, ticketExpiresAt }: AccountRef & { readonly ticketExpiresAt: number | null },
    nowMs: number,
  ): boolean {
    const { forgottenTicketsUntil } = this.#account(accountKey(tenant, account));
    return forgottenTicketsUntil > nowMs && (ticketExpiresAt ?? 0) <= forgottenTicketsUntil;
  }

  /** Forgets a session. */
  forget(state: SessionState, nowMs: number): void {
    this.#forgetAll(state, [state], { ticketsUntil: 0, nowMs });
  }

  /**
   * The sessions whose time has come by `nowMs`: their lease is over, or they are to be forgotten. No more than
   * `maxLooks`; the rest comes up next time.
   */
  *due(nowMs: number, maxLooks: number): Generator<SessionState> {
    for (const key of this.#expiry.due(nowMs, maxLooks)) {
      const stored = this.#sessions.get(key);
      if (stored === null) continue;
      const dueMs = nextDueMs(stored);
      // A time that is beyond what a schedule can tell comes up early.
      if (dueMs > nowMs) this.#expiry.schedule(key, dueMs);
      else yield sessionOf(parseSessionKey(key), stored);
    }
  }

  #account(key: string): AccountState {
    return this.#accounts.get(key) ?? NO_ACCOUNT;
  }

  #statesOf({ tenant, account }: AccountRef, sessions: readonly string[]): readonly SessionState[] {
    return sessions.map((session) => this.session({ tenant, account, session })).filter((state) => state !== null);
  }

  /** All that is remembered of an account, of which only what lives is read from then on. */
  #lookedThrough({ tenant, account }: AccountRef): readonly SessionState[] {
    const key = accountKey(tenant, account);
    const { sessions } = this.#account(key);
    const states = this.#statesOf({ tenant, account }, sessions);
    this.#leases.learn(key, sessions, states);
    return states;
  }

  #register(state: SessionState, nowMs: number): readonly SessionState[] {
    const { tenant, account, session } = state;
    const key = accountKey(tenant, account);
    const found = this.#account(key);
    this.#leases.stored(key, state, true);
    // The other half of a crash: the account knows a session that is not stored.
    if (found.sessions.includes(session)) return [];
    this.#accounts.put(key, { ...found, sessions: [...found.sessions, session] }, nowMs);
    if (found.sessions.length < MAX_SESSIONS_PER_ACCOUNT) return [];
    const victims = this.#dispensable(state, found.sessions, nowMs);
    this.#forgetEarly(state, victims, nowMs);
    return victims;
  }

  /** The least telling of an account's sessions, many at once: to find them all are read. `by` is the one that is new. */
  #dispensable(by: SessionState, sessions: readonly string[], nowMs: number): readonly SessionState[] {
    const decision = by.start ?? by.reopening;
    const eventId = decision === null ? undefined : decidedEventId(by, decision);
    // What it has just barred is not announced yet: it would never be told to stop.
    const over = this.#statesOf(by, sessions).filter(
      (state) => !isLive(state, nowMs) && (state.barredBy === null || state.barredBy !== eventId),
    );
    // Refused at their start, so that no player holds a ticket of theirs; then over without a verdict; the stopped ones last. In each the oldest.
    const rank = ({ phase, start }: SessionState): number =>
      phase !== 'BARRED' ? 1 : start?.allowed === false ? 0 : 2;
    return over.toSorted((a, b) => rank(a) - rank(b)).slice(0, FORGOTTEN_AT_ONCE);
  }

  /** Forgets sessions before their last tickets have expired; of those that nothing may open that is remembered by the end of the last ticket. */
  #forgetEarly(whose: AccountRef, victims: readonly SessionState[], nowMs: number): void {
    const over = victims.filter(({ phase }) => phase === 'BARRED' || phase === 'STOPPED');
    this.#forgetAll(whose, victims, { ticketsUntil: Math.max(0, ...over.map((one) => one.ticketExpiresAt)), nowMs });
  }

  #forgetAll(
    { tenant, account }: AccountRef,
    states: readonly SessionState[],
    { ticketsUntil, nowMs }: { readonly ticketsUntil: number; readonly nowMs: number },
  ): void {
    const key = accountKey(tenant, account);
    const names = new Set(states.map(({ session }) => session));
    for (const session of names) {
      const forgotten = sessionKey(tenant, account, session);
      this.#expiry.forget(forgotten);
      this.#sessions.put(forgotten, null, nowMs);
      this.#leases.forgotten(key, session);
    }
    const found = this.#account(key);
    const sessions = found.sessions.filter((other) => !names.has(other));
    const left = {
      ...found,
      sessions,
      forgottenTicketsUntil: Math.max(found.forgottenTicketsUntil, ticketsUntil),
    };
    this.#accounts.put(key, isEmptyAccount(left, nowMs) ? null : left, nowMs);
  }
}
