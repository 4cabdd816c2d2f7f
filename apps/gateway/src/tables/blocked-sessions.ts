import { makeRoom } from '@playhead/service-kit';

/** A session, by whose it is: back ends name sessions themselves, so that two accounts may have one of the same name. */
export interface SessionOwner {
  readonly tenant: string;
  readonly account: string;
  readonly session: string;
}

/** Why a session may not simply go on. */
export interface BlockedSession {
  readonly verdict: 'warn' | 'stop';
  readonly reason?: string;
  /** Role of the one, or session, that ended it. */
  readonly endedBy?: string;
}

/**
 * The sessions that are not simply allowed, by account: a beat of any other session is answered "continue" without
 * asking anyone. Kept from `playback.verdicts`. Full, it forgets the session that was blocked first, and counts that:
 * the beats of such a session are answered "continue" until its tickets have expired, and hold no slot.
 */
export class BlockedSessions {
  readonly #sessions = new Map<string, BlockedSession>();
  readonly #maxSessions: number;
  #forgotten = 0;

  constructor({ maxSessions }: { readonly maxSessions: number }) {
    this.#maxSessions = maxSessions;
  }

  get(owner: SessionOwner): BlockedSession | undefined {
    return this.#sessions.get(keyOf(owner));
  }

  block(owner: SessionOwner, entry: BlockedSession): void {
    const key = keyOf(owner);
    if (!this.#sessions.has(key)) this.#forgotten += makeRoom(this.#sessions, this.#maxSessions);
    this.#sessions.set(key, entry);
  }

  allow(owner: SessionOwner): void {
    this.#sessions.delete(keyOf(owner));
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Entries lost because the table was full. */
  get forgotten(): number {
    return this.#forgotten;
  }
}

/** No id has a space. */
const keyOf = ({ tenant, account, session }: SessionOwner): string => `${tenant} ${account} ${session}`;
