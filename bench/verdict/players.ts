import { randomUUID } from 'node:crypto';
import { createTickets, developmentKeys } from '@playhead/service-kit';
import { HttpConnections } from '../http-connections.ts';
import { steadily } from './steadily.ts';
import type { Until } from './steadily.ts';

/** Between two beats of a session. */
export const BEAT_INTERVAL_MS = 10_000;
/** What became of what was sent. */
export interface Counts {
  readonly posted: number;
  /** How many, by status or what was wrong with the connection. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Records that the log must have, since the start. */
  readonly acknowledged: number;
}

/** Who plays, and where. */
export interface PlayersOptions {
  /** Players of one account go to one of them. */
  readonly gateways: readonly string[];
  /** Of the services: their keys sign the tickets. */
  readonly dataDir: string;
  /** The accounts' names begin with it. */
  readonly name: string;
  readonly sessions: number;
  /** Over all gateways. */
  readonly connections: number;
  /**
   * Whether this process never sleeps, for a load with cores of its own: a write to one that sleeps pays for waking it, and
   * the players of a service are not on its machine.
   */
  readonly awake: boolean;
}

/** What a player knows of its stream. */
export interface Session {
  readonly gateway: HttpConnections;
  readonly id: string;
  /** Header line of its ticket, with the CRLF. */
  readonly ticket: string;
  sequence: number;
}

/** Players with a session each, in an account of its own; each has its ticket, so its first beat is an implicit start. */
export class Players {
  readonly #gateways: readonly HttpConnections[];
  readonly #sessions: readonly Session[];
  readonly #awake: boolean;
  readonly #refusals = new Map<string, number>();
  #posted = 0;
  #acknowledged = 0;

  constructor({ gateways, dataDir, name, sessions, connections, awake }: PlayersOptions) {
    this.#awake = awake;
    this.#gateways = gateways.map((url) => new HttpConnections(url, connections / gateways.length));
    const tickets = createTickets({ keys: [developmentKeys(dataDir).ticketKey], maxCached: 1 });
    this.#sessions = Array.from({ length: sessions }, (_, i) => {
      const id = randomUUID();
      const who = { tenant: 'demo', account: `${name}-${i}`, profile: 'p-1', device: 'tv-1' };
      const ticket = tickets.sign({
        ...who,
        session: id,
        content: 'film-1',
        kind: 'VOD',
        intervalMs: BEAT_INTERVAL_MS,
      });
      return { gateway: this.gatewayOf(i), id, ticket: ofTicket(ticket), sequence: 0 };
    });
  }

  get counts(): Counts {
    return {
      posted: this.#posted,
      refusals: Object.fromEntries(this.#refusals),
      acknowledged: this.#acknowledged,
    };
  }

  /** Forgets what was posted and refused so far; what was acknowledged stays. */
  resetCounts(): void {
    this.#posted = 0;
    this.#refusals.clear();
  }

  gatewayOf(account: number): HttpConnections {
    return this.#gateways[account % this.#gateways.length]!;
  }

  refuse(why: string): void {
    this.#refusals.set(why, (this.#refusals.get(why) ?? 0) + 1);
  }

  acknowledge(records: number): void {
    this.#acknowledged += records;
  }

  /** Posts the session's next beat; its sequence. */
  async beat(session: Session): Promise<number> {
    const sequence = session.sequence++;
    const body = JSON.stringify({
      sequence,
      state: 'PLAYING',
      positionMs: sequence * BEAT_INTERVAL_MS,
      bitrateKbps: 4500,
      bufferMs: 20_000,
      sentAt: Date.now(),
    });
    this.#posted += 1;
    const { status } = await session.gateway.send('POST', '/v1/heartbeats', session.ticket, body);
    if (status === 200) this.#acknowledged += 1;
    else this.refuse(String(status));
    return sequence;
  }

  /** Lets the sessions act in turn at a steady rate. */
  async run(perSecond: number, until: Until, act: (session: Session) => Promise<unknown>): Promise<void> {
    return this.steadily(perSecond, until, async (i) => act(this.#sessions[i % this.#sessions.length]!));
  }

  /** Begins `act` at a steady rate; what fails counts as refused. */
  async steadily(perSecond: number, until: Until, act: (i: number) => Promise<unknown>): Promise<void> {
    return steadily(perSecond, { ...until, awake: this.#awake }, async (i) =>
      act(i).catch((error: Error) => this.refuse(error.message)),
    );
  }

  close(): void {
    for (const gateway of this.#gateways) gateway.close();
  }
}

/** The header line of a ticket. */
export const ofTicket = (ticket: string): string => `playback-ticket: ${ticket}\r\n`;
