import type { SeededRandom } from '@playhead/chaos-streams/testing';
import { newSessionSeen } from '../history.ts';
import type { AccountSeen, BeatSeen, SessionSeen, Violation } from '../history.ts';
import type { Abuse, Stolen } from './abuse.ts';
import { isAway } from './abuse.ts';
import { askAuthorization, postEvidence, recordEvidence, terminate } from './back-end.ts';
import type { RunClock } from './clock.ts';
import type { Answer, GatewayClient } from './gateway-client.ts';

const MAX_BEATS = 8;
const MIN_BEATS = 2;
/** More of them where a stream has to be there still when its grace is over. */
const BEATS_AFTER_GRACE = 6;
/** In intervals: longer than a device is kept. */
const LONGEST_REST = 14;
/** Times that a beat is sent until it is acknowledged. */
const MAX_TRIES = 12;
/** Beats after a verdict stop, of a player that does not obey. */
const BEATS_AFTER_STOP = 2;
/** In intervals: a lease is 2.5. */
const LATE_BEAT = 2;
const HOUR_MS = 3_600_000;

/** What a device needs. */
export interface DeviceParts {
  readonly client: GatewayClient;
  readonly clock: RunClock;
  readonly random: SeededRandom;
  readonly abuse: Abuse;
  readonly account: AccountSeen;
  readonly device: string;
  readonly viewerToken: string;
  readonly operatorToken: string;
  /** Of a back end: starts exempt content, and says what it has seen. */
  readonly serviceToken: string;
  readonly intervalMs: number;
  readonly leaseMs: number;
  readonly violations: Violation[];
}

/** One device of an account: starts, beats, stops or falls silent, until the run is over. Most of its starts are at the moment at which its siblings start too. */
export class Device {
  readonly #parts: DeviceParts;
  /** Of its clock, to and fro by hours. */
  readonly #clockOffsetMs: number;

  constructor(parts: DeviceParts) {
    this.#parts = parts;
    this.#clockOffsetMs = parts.random.below(3) === 0 ? (parts.random.next() - 0.5) * 12 * HOUR_MS : 0;
  }

  async run(): Promise<void> {
    const { clock, random, intervalMs } = this.#parts;
    while (!clock.isOver) {
      if (random.below(10) < 7) await clock.gong(intervalMs);
      else await clock.pause(random.next() * intervalMs);
      if (clock.isOver) return;
      const started = await this.#start();
      if (started === undefined) await clock.pause(random.next() * intervalMs);
      else if (this.#parts.account.kind === 'silent') await this.#watchSilently(started);
      else await this.#watch(started);
      if (this.#parts.account.kind === 'kept' && random.below(2) === 0) {
        await clock.pause(random.next() * LONGEST_REST * intervalMs);
      }
    }
  }

  async #start(): Promise<Stolen | undefined> {
    const { client, account, device, viewerToken, serviceToken, random, violations } = this.#parts;
    const exempt = account.kind === 'exempt' && random.below(2) === 0;
    const content = { contentId: `film-${random.below(20)}`, kind: 'VOD' };
    const body = exempt ? { ...content, account: account.account, profile: 'p-1', device, exempt } : content;
    const gateway = this.#gateway();
    const answer = await client.ask(gateway, {
      method: 'POST',
      path: '/v1/playback-sessions',
      token: exempt ? serviceToken : viewerToken,
      body,
    });
    const { sentAt, answeredAt, status } = answer;
    const { sessionId, ticket, checked, serverTime } = answer.body as Admitted;
    const start = { sentAt, answeredAt, status, gateway, device, session: sessionId, checked, exempt, serverTime };
    account.starts.push(start);
    if (status !== 201 || sessionId === undefined || ticket === undefined) {
      if (status !== 409 && !isAway(status)) this.#wrong(`start was answered ${status}`);
      return undefined;
    }
    const seen = newSessionSeen({ session: sessionId, account: account.account, device, start });
    account.sessions.push(seen);
    if (violations.length > 1_000) throw new Error('more than 1000 wrong answers: the run is given up');
    return { seen, ticket, bodies: [] };
  }

  async #watch({ seen, ticket: first }: Stolen): Promise<void> {
    const { account, clock, random, abuse, intervalMs } = this.#parts;
    const bodies: object[] = [];
    const stolen = (): Stolen => ({ seen, ticket: first, bodies });
    const more = account.kind === 'grace' ? BEATS_AFTER_GRACE : 0;
    const count = MIN_BEATS + more + random.below(MAX_BEATS - MIN_BEATS);
    let stopped = 0;
    for (let sequence = 0; sequence < count && !clock.isOver && stopped <= BEATS_AFTER_STOP; sequence++) {
      // Now and then a beat is late, and still in time for the lease.
      await clock.pause(intervalMs * (random.below(5) === 0 ? LATE_BEAT : 0.9 + 0.2 * random.next()));
      const body = this.#body(sequence);
      bodies.push(body);
      const beat = await this.#beat(seen, first, body, sequence);
      if (beat?.verdict === 'stop') stopped++;
      if (random.below(12) === 0) await abuse.forgeTicket(stolen());
      if (random.below(12) === 0) await abuse.forgeSequence(stolen());
    }
    await this.#end(stolen());
  }

  /** A player that says nothing: a back end speaks for the stream, and media are served as long as they may be. */
  async #watchSilently(stolen: Stolen): Promise<void> {
    const { client, clock, random, account, serviceToken, intervalMs, leaseMs } = this.#parts;
    const { seen, ticket } = stolen;
    const count = MIN_BEATS + random.below(MAX_BEATS - MIN_BEATS);
    const isToBeEnded = random.below(2) === 0;
    let stopped = 0;
    for (let i = 0; i < count + MIN_BEATS && !clock.isOver && stopped <= BEATS_AFTER_STOP; i++) {
      await clock.pause(intervalMs * (random.below(5) === 0 ? LATE_BEAT : 0.9 + 0.2 * random.next()));
      if (i === count && isToBeEnded) await this.#terminate(seen);
      const evidence = { account: account.account, session: seen.session, id: String(i), ttlMs: leaseMs };
      const answer = await postEvidence(client, this.#gateway(), serviceToken, evidence);
      if (recordEvidence(seen, answer)) stopped++;
      if (answer.status !== 200 && !isAway(answer.status)) this.#wrong(`evidence was answered ${answer.status}`);
      const allowed = await askAuthorization(client, this.#gateway(), seen, ticket);
      if (![204, 403].includes(allowed) && !isAway(allowed)) this.#wrong(`authorization was answered ${allowed}`);
    }
    if (!isToBeEnded) await this.#end(stolen);
  }

  /** Sends a beat until it is acknowledged; undefined when the run ended before. */
  async #beat(seen: SessionSeen, ticket: string, body: object, sequence: number): Promise<BeatSeen | undefined> {
    const { client, clock, random, intervalMs } = this.#parts;
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      const answer = await client.ask(this.#gateway(), { method: 'POST', path: '/v1/heartbeats', ticket, body });
      const beat = recordBeat(seen, answer, sequence);
      if (answer.status === 200) return beat;
      if (!isAway(answer.status)) {
        this.#wrong(`beat ${sequence} of ${seen.session} was answered ${answer.status}`);
        return undefined;
      }
      if (clock.isOver) return undefined;
      await clock.pause(intervalMs * (0.1 + 0.2 * random.next()));
    }
    return undefined;
  }

  /** How a session ends: by its own stop, silently, by an operator, or with somebody who has stolen its ticket. */
  async #end(stolen: Stolen): Promise<void> {
    const { seen, ticket } = stolen;
    const { client, random, abuse, account } = this.#parts;
    const dice = random.below(10);
    if (dice < 4) {
      const path = `/v1/playback-sessions/${seen.session}`;
      const { sentAt, answeredAt, status } = await client.ask(this.#gateway(), { method: 'DELETE', path, ticket });
      seen.stops.push({ sentAt, answeredAt, status });
      if (status !== 204 && !isAway(status)) this.#wrong(`stop was answered ${status}`);
      if (random.below(2) === 0) await this.#goOn(stolen);
    } else if (dice < 6) await this.#terminate(seen);
    else if (dice === 6) await abuse.replay(stolen, (answer, sequence) => recordBeat(seen, answer, sequence));
    else if (dice === 7) await abuse.jumpAhead(stolen, (answer, sequence) => recordBeat(seen, answer, sequence));
    const victim = account.sessions.find(({ session }) => session !== seen.session);
    if (victim !== undefined && random.below(4) === 0) await abuse.stopAnother(stolen, victim);
  }

  async #terminate(seen: SessionSeen): Promise<void> {
    const { client, operatorToken } = this.#parts;
    const wrong = await terminate(client, this.#gateway(), operatorToken, seen);
    if (wrong !== undefined) this.#wrong(wrong);
  }

  /** A device that beats on after its own stop: it is counted and holds no slot, whatever it is told. */
  async #goOn({ seen, ticket, bodies }: Stolen): Promise<void> {
    const { clock, random, intervalMs } = this.#parts;
    for (let i = 0; i < BEATS_AFTER_STOP && !clock.isOver; i++) {
      await clock.pause(intervalMs * (0.5 + 1.5 * random.next()));
      const sequence = bodies.length + i;
      await this.#beat(seen, ticket, this.#body(sequence), sequence);
    }
  }

  #body(sequence: number): object {
    const sentAt = Math.round(Date.now() + this.#clockOffsetMs);
    return { sequence, state: 'PLAYING', positionMs: sequence * this.#parts.intervalMs, sentAt };
  }

  #gateway(): number {
    return this.#parts.random.below(this.#parts.client.gateways);
  }

  #wrong(detail: string): void {
    const { violations, account, device } = this.#parts;
    violations.push({ rule: 'wrong-status', account: account.account, detail: `${device}: ${detail}` });
  }
}

interface Admitted {
  readonly sessionId?: string;
  readonly ticket?: string;
  readonly checked?: boolean;
  readonly serverTime?: number;
}

function recordBeat(seen: SessionSeen, { sentAt, answeredAt, status, body }: Answer, sequence: number): BeatSeen {
  const { verdict, reason, nextBeatInMs } = body as Partial<Pick<BeatSeen, 'verdict' | 'reason' | 'nextBeatInMs'>>;
  const beat = { sentAt, answeredAt, status, sequence, verdict, reason, nextBeatInMs };
  seen.beats.push(beat);
  return beat;
}
