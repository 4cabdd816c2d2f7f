import { makeRoom } from '@playhead/service-kit';

/** Why a session may not simply go on. */
export interface BlockedSession {
  readonly tenant: string;
  readonly account: string;
  readonly verdict: 'warn' | 'stop';
  readonly reason?: string;
  /** Role of the one, or session, that ended it. */
  readonly endedBy?: string;
}

/**
 * The sessions that are not simply allowed, by session id: a beat of any other session is answered "continue" without
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

  /** The entry of the session, if it belongs to that account. */
  get(owner: {
    readonly tenant: string;
    readonly account: string;
    readonly session: string;
  }): BlockedSession | undefined {
    const found = this.#sessions.get(owner.session);
    return found !== undefined && found.tenant === owner.tenant && found.account === owner.account ? found : undefined;
  }

  block(session: string, entry: BlockedSession): void {
    if (!this.#sessions.has(session)) this.#forgotten += makeRoom(this.#sessions, this.#maxSessions);
    this.#sessions.set(session, entry);
  }

  allow(session: string): void {
    this.#sessions.delete(session);
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Entries lost because the table was full. */
  get forgotten(): number {
    return this.#forgotten;
  }
}
