import { randomUUID } from 'node:crypto';
import {
  createServiceIdentity,
  createTickets,
  developmentKeys,
  loadSettings,
  sharedSettings,
} from '@playhead/service-kit';
import { KafkaClient } from '@playhead/stream-core/client';
import { HttpConnections } from '../http-connections.ts';
import { startFloor } from './floor.ts';
import { timedSince } from './timed.ts';
import type { Timed } from './timed.ts';

/**
 * The load, in a process of its own: `rate` beats a second, spread evenly over sessions that beat every 10 s, each with
 * a ticket (its first beat is an implicit start). For 10 beats a second the session's lookup is polled from the beat's
 * answer on (before it the lookup can hardly have it), every 2 ms and later in steps of a twentieth of the time so far,
 * whether the last answer is there or not, until one shows the sequence; 20 times a second a viewer of another account
 * starts a stream, and stops it when it has its answer. At the end the log is asked how many records it has. Prints one
 * line of JSON.
 */
const OBSERVED_PER_SECOND = 10;
const STARTS_PER_SECOND = 20;
const HEARTBEATS = 'playback.heartbeats';
/** At the full rate, before what is measured: with lookups and starts: until what piled up while every session began is worked off, and the compiler is done with all of it. */
const SETTLE_SECONDS = 30;
const POLL_MS = 2;
/** A slow answer is asked for no more often than its time can be told: polls must not be what makes it slow. */
const POLL_SHARE = 0.05;
const OBSERVE_TIMEOUT_MS = 5000;
const BEAT_INTERVAL_MS = 10_000;
/** Over all gateways. A player has a connection of its own; more than these are not needed for no beat to wait for another's. */
const MAX_CONNECTIONS = 2_000;

const [gatewayList, dataDir, brokers, rateText, secondsText, warmUpText] = process.argv.slice(2);
const urls = gatewayList!.split(',');
const gateways = urls.map((url) => new HttpConnections(url, MAX_CONNECTIONS / urls.length));
const gatewayOf = (account: number): HttpConnections => gateways[account % gateways.length]!;
const rate = Number(rateText);
const seconds = Number(secondsText);
const warmUpSeconds = Number(warmUpText);

interface Session {
  readonly gateway: HttpConnections;
  readonly id: string;
  readonly ticket: string;
  sequence: number;
}

const observeEvery = Math.max(1, Math.round(rate / OBSERVED_PER_SECOND));
const { ticketKey } = developmentKeys(dataDir!);
const viewers = createServiceIdentity('bench', loadSettings(sharedSettings, { PLAYHEAD_DATA_DIR: dataDir! }));
const tickets = createTickets({ keys: [ticketKey], maxCached: 1 });
const sessions: Session[] = Array.from({ length: Math.max(1, (rate * BEAT_INTERVAL_MS) / 1000) }, (_, i) => {
  const id = randomUUID();
  const claims = {
    tenant: 'demo',
    account: `bench-${i}`,
    profile: 'p-1',
    device: 'tv-1',
    session: id,
    content: 'film-1',
  };
  return {
    gateway: gatewayOf(i),
    id,
    ticket: tickets.sign({ ...claims, kind: 'VOD', intervalMs: BEAT_INTERVAL_MS }),
    sequence: 0,
  };
});

const ofTicket = (ticket: string): string => `playback-ticket: ${ticket}\r\n`;
const STREAM = '{"contentId":"film-1","kind":"VOD"}';

const latencies: Timed[] = [];
const answers: Timed[] = [];
const admissions: Timed[] = [];
let posted = 0;
/** How often, by status or what was wrong with the connection. */
const refusals = new Map<string, number>();
let unseen = 0;
let unchecked = 0;
/** Records that the log must have: everything that was acknowledged since the load began. */
let acknowledged = 0;

function refuse(why: string): void {
  refusals.set(why, (refusals.get(why) ?? 0) + 1);
}

/** Asks on and on without waiting for the answers, and notes when the first of them showed the sequence. */
async function untilSeen(session: Session, sequence: number, postedAt: number): Promise<void> {
  const seen = new AbortController();
  const ask = async (): Promise<void> => {
    const { gateway, id, ticket } = session;
    const { status, body } = await gateway.send('GET', `/v1/playback-sessions/${id}`, ofTicket(ticket));
    if (status !== 200 || (JSON.parse(body) as { lastSequence: number }).lastSequence < sequence) return;
    if (!seen.signal.aborted) latencies.push(timedSince(postedAt));
    seen.abort();
  };
  while (!seen.signal.aborted && performance.now() - postedAt < OBSERVE_TIMEOUT_MS) {
    void ask().catch(() => undefined);
    const pauseMs = Math.max(POLL_MS, POLL_SHARE * (performance.now() - postedAt));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  if (seen.signal.aborted) return;
  seen.abort();
  unseen += 1;
}

async function beat(session: Session, observed: boolean): Promise<void> {
  const sequence = session.sequence++;
  const body = JSON.stringify({
    sequence,
    state: 'PLAYING',
    positionMs: sequence * BEAT_INTERVAL_MS,
    bitrateKbps: 4500,
    bufferMs: 20_000,
    sentAt: Date.now(),
  });
  const postedAt = performance.now();
  const { status } = await session.gateway.send('POST', '/v1/heartbeats', ofTicket(session.ticket), body);
  posted += 1;
  if (status === 200) acknowledged += 1;
  else refuse(String(status));
  if (!observed) return;
  answers.push(timedSince(postedAt));
  await untilSeen(session, sequence, postedAt);
}

/** A viewer starts a stream, and stops it. */
async function admission(i: number): Promise<void> {
  const gateway = gatewayOf(i);
  const account = `viewer-${i}`;
  const claims = { tenant: 'demo', account, profile: 'p-1', device: 'tv-1', roles: ['viewer' as const] };
  const token = await viewers.development!.signToken(claims);
  const askedAt = performance.now();
  const { status, body } = await gateway.send(
    'POST',
    '/v1/playback-sessions',
    `authorization: Bearer ${token}\r\n`,
    STREAM,
  );
  admissions.push(timedSince(askedAt));
  if (status !== 201) {
    refuse(String(status));
    return;
  }
  const { sessionId, ticket, checked } = JSON.parse(body) as { sessionId: string; ticket: string; checked: boolean };
  // Of one that is not checked the guard is told by a record of its own.
  acknowledged += checked ? 1 : 2;
  const stop = await gateway.send('POST', `/v1/playback-sessions/${sessionId}/stop`, ofTicket(ticket), '{}');
  if (stop.status < 300) acknowledged += 1;
  else refuse(`stop ${stop.status}`);
}

async function startStreams(forSeconds: number): Promise<void> {
  const under: Promise<void>[] = [];
  for (let i = 0; i < forSeconds * STARTS_PER_SECOND; i++) {
    const one = admission(i).catch((error: Error) => refuse(error.message));
    under.push(one);
    await new Promise((resolve) => setTimeout(resolve, 1000 / STARTS_PER_SECOND));
  }
  await Promise.all(under);
}

/** Records that the log has. */
async function logged(): Promise<number> {
  const client = new KafkaClient({ brokers: brokers!.split(','), clientId: 'bench-log' });
  const partitions = (await client.partitionsOf([HEARTBEATS])).get(HEARTBEATS) ?? 0;
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic: HEARTBEATS, partition }));
  const ends = await client.listOffsets(all, 'latest');
  await client.close();
  return ends.reduce((sum, { offset }) => sum + offset, 0);
}

/** Posts at `perSecond` for so long; beats that fell due while the loop was away are sent at once, so that the rate is kept. */
async function run(perSecond: number, forSeconds: number, observe: boolean): Promise<void> {
  const startedAt = performance.now();
  const total = perSecond * forSeconds;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  let answered = 0;
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * perSecond));
    for (; sent < due; sent++) {
      const session = sessions[sent % sessions.length]!;
      void beat(session, observe && sent % observeEvery === 0)
        .catch((error: Error) => refuse(error.message))
        .then(() => {
          if (++answered === total) end();
        });
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await ended;
}

const loggedBefore = await logged();
const floor = await startFloor(brokers!.split(','));
await run(sessions.length / warmUpSeconds, warmUpSeconds, false);
await Promise.all([run(rate, SETTLE_SECONDS, true), startStreams(SETTLE_SECONDS)]);
posted = 0;
refusals.clear();
unseen = 0;
unchecked = 0;
for (const measured of [latencies, answers, admissions]) measured.length = 0;
floor.reset();
process.stdout.write('MEASURING\n');
await Promise.all([run(rate, seconds, true), startStreams(seconds)]);
process.stdout.write('MEASURED\n');
await floor.close();
for (const gateway of gateways) gateway.close();
const lost = acknowledged - ((await logged()) - loggedBefore);
process.stdout.write(
  `RESULT ${JSON.stringify({ posted, refusals: Object.fromEntries(refusals), unseen, unchecked, lost, sessions: sessions.length, latencies, answers, admissions, floorMs: floor.latenciesMs })}\n`,
);
