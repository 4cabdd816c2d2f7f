import type { SeededRandom } from '@playhead/chaos-streams/testing';
import type { BeatSeen, SessionSeen, Violation } from '../history.ts';
import { violation } from '../checks/violation.ts';
import type { Answer, GatewayClient } from './gateway-client.ts';

/** A position far beyond what a player can have sent. */
const FAR_SEQUENCE = 1_000_000;
const REPLAYS = 3;

/** How often which attack was tried. */
export interface AbuseCounts {
  replays: number;
  forgedTickets: number;
  forgedSequences: number;
  foreignStops: number;
}

/** A session with its ticket: what a viewer has, and what an attacker may have stolen. */
export interface Stolen {
  readonly seen: SessionSeen;
  readonly ticket: string;
  /** The bodies of its beats so far. */
  readonly bodies: readonly object[];
}

/** Attacks with tickets and sequences. What a gateway must refuse and does not, is a violation. */
export class Abuse {
  readonly counts: AbuseCounts = { replays: 0, forgedTickets: 0, forgedSequences: 0, foreignStops: 0 };
  readonly violations: Violation[] = [];
  readonly #client: GatewayClient;
  readonly #random: SeededRandom;

  constructor(client: GatewayClient, random: SeededRandom) {
    this.#client = client;
    this.#random = random;
  }

  /** Sends old beats again, as they were: they must keep nothing alive and count once. */
  async replay(
    { seen, ticket, bodies }: Stolen,
    recordBeat: (answer: Answer, sequence: number) => BeatSeen,
  ): Promise<void> {
    for (let i = 0; i < REPLAYS && bodies.length > 0; i++) {
      const sequence = this.#random.below(bodies.length);
      seen.disturbedAt ??= Date.now();
      this.counts.replays++;
      recordBeat(await this.#post(ticket, bodies[sequence]!), sequence);
    }
  }

  /** Another's ticket with one character changed: 401, and nothing happens. */
  async forgeTicket({ seen, ticket, bodies }: Stolen): Promise<void> {
    const at = this.#random.below(ticket.length - 2);
    const other = ticket[at] === 'A' ? 'B' : 'A';
    this.counts.forgedTickets++;
    const answer = await this.#post(`${ticket.slice(0, at)}${other}${ticket.slice(at + 1)}`, bodies[0] ?? {});
    this.#expect(answer, [401], 'forgery-accepted', `a ticket changed at ${at}`, seen);
  }

  /** A sequence that is no sequence: 400. */
  async forgeSequence({ seen, ticket, bodies }: Stolen): Promise<void> {
    this.counts.forgedSequences++;
    const sequence = this.#random.pick([-1, 0.5, 2 ** 60, '7', null]);
    const answer = await this.#post(ticket, { ...bodies[0], sequence });
    this.#expect(answer, [400], 'forgery-accepted', `sequence ${JSON.stringify(sequence)}`, seen);
  }

  /** One that jumps ahead: taken, and counted as the one beat that it is. */
  async jumpAhead(
    { seen, ticket, bodies }: Stolen,
    recordBeat: (answer: Answer, sequence: number) => BeatSeen,
  ): Promise<void> {
    this.counts.forgedSequences++;
    seen.disturbedAt ??= Date.now();
    const sequence = FAR_SEQUENCE + this.#random.below(FAR_SEQUENCE);
    recordBeat(await this.#post(ticket, { ...bodies[0], sequence }), sequence);
  }

  /** Stops one's own session's neighbour with one's own ticket: 403. */
  async stopAnother({ seen, ticket }: Stolen, victim: SessionSeen): Promise<void> {
    this.counts.foreignStops++;
    const path = `/v1/playback-sessions/${victim.session}`;
    const answer = await this.#client.ask(this.#gateway(), { method: 'DELETE', path, ticket });
    this.#expect(answer, [403], 'forgery-accepted', `stop of ${victim.session} with the ticket`, seen);
  }

  #post(ticket: string, body: object): Promise<Answer> {
    return this.#client.ask(this.#gateway(), { method: 'POST', path: '/v1/heartbeats', ticket, body });
  }

  #gateway(): number {
    return this.#random.below(this.#client.gateways);
  }

  #expect(
    { status }: Answer,
    allowed: readonly number[],
    rule: Violation['rule'],
    what: string,
    seen: SessionSeen,
  ): void {
    if (isAway(status) || allowed.includes(status)) return;
    this.violations.push(
      violation(rule, seen.account, `${what} was answered ${status}, not ${allowed.join(' or ')}`, seen),
    );
  }
}

/** The answers of a system that is being killed, and of one that is asked too much. */
export const isAway = (status: number): boolean => [0, 429, 503].includes(status);
