import type { SessionState } from './stored-session.ts';

/** An account with fewer sessions is looked through each time: that costs less than to remember it. */
const MIN_SESSIONS = 32;
/** Sessions of all accounts of a task together, some 20 MB; with more, accounts that were not asked for the longest go. */
const MAX_SESSIONS = 100_000;

/** What is known of a session without reading it. */
export interface RememberedLease {
  readonly session: string;
  /** Log time until which it lives; 0: it does not. */
  readonly leaseExpiresAt: number;
  readonly device: string | null;
  readonly exempt: boolean;
}

/**
 * Until when each session of accounts with many of them lives, so that a decision reads those that live and not
 * a thousand that are remembered. It is read from the stores when an account is asked about first, and lost with its task.
 */
export class RememberedLeases {
  /** By account, the one that was asked last at the end; its sessions are in the order of the account's list. */
  readonly #accounts = new Map<string, Map<string, RememberedLease>>();
  #sessions = 0;

  /** Accounts that it knows. */
  get accounts(): number {
    return this.#accounts.size;
  }

  /** Sessions that it holds. */
  get size(): number {
    return this.#sessions;
  }

  /** The sessions of an account that live at `nowMs`; undefined where it is not known. */
  liveAt(account: string, nowMs: number): readonly RememberedLease[] | undefined {
    const leases = this.#accounts.get(account);
    if (leases === undefined) return undefined;
    this.#accounts.delete(account);
    this.#accounts.set(account, leases);
    return [...leases.values()].filter(({ leaseExpiresAt }) => leaseExpiresAt > nowMs);
  }

  /** An account was looked through: the sessions of its list, and what is stored of them. */
  learn(account: string, listed: readonly string[], stored: readonly SessionState[]): void {
    if (listed.length < MIN_SESSIONS) return;
    const leases = new Map<string, RememberedLease>(
      listed.map((session) => [session, { session, leaseExpiresAt: 0, device: null, exempt: false }]),
    );
    for (const state of stored) leases.set(state.session, leaseOf(state));
    this.#drop(account);
    this.#accounts.set(account, leases);
    this.#sessions += leases.size;
    this.#trim(account);
  }

  /** A session was stored; `isListed`: it was put at the end of its account's list with that. */
  stored(account: string, state: SessionState, isListed: boolean): void {
    const leases = this.#accounts.get(account);
    if (leases === undefined) return;
    const isKnown = leases.has(state.session);
    // Half a session, which its account does not list, is none.
    if (!isKnown && !isListed) return;
    leases.set(state.session, leaseOf(state));
    if (isKnown) return;
    this.#sessions++;
    this.#trim(account);
  }

  /** A session left the store and its account's list. */
  forgotten(account: string, session: string): void {
    const leases = this.#accounts.get(account);
    if (leases?.delete(session) !== true) return;
    this.#sessions--;
    if (leases.size === 0) this.#accounts.delete(account);
  }

  /** Down to the bound; `keep` stays. */
  #trim(keep: string): void {
    for (const account of this.#accounts.keys()) {
      if (this.#sessions <= MAX_SESSIONS) return;
      if (account !== keep) this.#drop(account);
    }
  }

  #drop(account: string): void {
    this.#sessions -= this.#accounts.get(account)?.size ?? 0;
    this.#accounts.delete(account);
  }
}

/** `isLive` of a session at any time before it. */
const leaseOf = ({ session, device, facts, phase, leaseExpiresAt }: SessionState): RememberedLease => ({
  session,
  device,
  exempt: facts?.exempt === true,
  leaseExpiresAt: phase === 'OPEN' || phase === 'LAPSED' ? leaseExpiresAt : 0,
});
