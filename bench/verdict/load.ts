import { randomUUID } from 'node:crypto';
import { createTickets, developmentKeys } from '@playhead/service-kit';
import { closeConnections, send } from './beat-client.ts';
import { startFloor } from './floor.ts';

/**
 * The load, in a process of its own: `rate` beats a second, spread evenly over sessions that beat every 10 s, each with
 * a ticket (its first beat is an implicit start). For one beat in 20 the session's lookup is polled every 2 ms from the
 * post on, until it shows the sequence. Prints one line of JSON.
 */
const OBSERVE_EVERY = 20;
const POLL_MS = 2;
const OBSERVE_TIMEOUT_MS = 5000;
const BEAT_INTERVAL_MS = 10_000;

const [gateway, dataDir, brokers, rateText, secondsText, warmUpText] = process.argv.slice(2);
const rate = Number(rateText);
const seconds = Number(secondsText);
const warmUpSeconds = Number(warmUpText);

interface Session {
  readonly id: string;
  readonly ticket: string;
  sequence: number;
}

const { ticketKey } = developmentKeys(dataDir!);
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
  return { id, ticket: tickets.sign({ ...claims, kind: 'VOD', intervalMs: BEAT_INTERVAL_MS }), sequence: 0 };
});

const latenciesMs: number[] = [];
let posted = 0;
let refused = 0;
let unseen = 0;

async function untilSeen(session: Session, sequence: number, postedAt: number): Promise<void> {
  while (performance.now() - postedAt < OBSERVE_TIMEOUT_MS) {
    const { status, body } = await send(`${gateway}/v1/playback-sessions/${session.id}`, session.ticket);
    if (status === 200 && (JSON.parse(body) as { lastSequence: number }).lastSequence >= sequence) {
      latenciesMs.push(performance.now() - postedAt);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
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
  const seen = observed ? untilSeen(session, sequence, postedAt) : undefined;
  const { status } = await send(`${gateway}/v1/heartbeats`, session.ticket, body);
  posted += 1;
  if (status !== 200) refused += 1;
  await seen;
}

/** Posts at the rate for so long; beats that fell due while the loop was away are sent at once, so that the rate is kept. */
async function run(forSeconds: number, observe: boolean): Promise<void> {
  const startedAt = performance.now();
  const under = new Set<Promise<void>>();
  const total = rate * forSeconds;
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * rate));
    for (; sent < due; sent++) {
      const session = sessions[sent % sessions.length]!;
      const one = beat(session, observe && sent % OBSERVE_EVERY === 0).catch(() => {
        refused += 1;
      });
      under.add(one);
      void one.finally(() => under.delete(one));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(under);
}

const floor = await startFloor(brokers!.split(','));
await run(warmUpSeconds, false);
posted = 0;
refused = 0;
floor.reset();
process.stdout.write('MEASURING\n');
await run(seconds, true);
process.stdout.write('MEASURED\n');
await floor.close();
closeConnections();
process.stdout.write(
  `RESULT ${JSON.stringify({ posted, refused, unseen, sessions: sessions.length, latenciesMs, floorMs: floor.latenciesMs })}\n`,
);
