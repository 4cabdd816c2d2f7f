import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLine, numberOption, optionsOrExit } from '@playhead/chaos-streams/testing';
import { nativeEventId } from '@playhead/event-schemas';
import { createTickets, developmentKeys } from '@playhead/service-kit';
import { freePlayheadPorts } from '@playhead/start/testing';
import { percentile } from '../percentile.ts';
import { readHeartbeats } from '../read-heartbeats.ts';

/**
 * `npm run verify:outage`: beats at a steady rate, each sent again until it is acknowledged; the broker is killed and
 * comes back after `--away` seconds, and in the middle of that the gateway is killed (-9) and started again. Then every
 * acknowledged beat has to be in the topic, those of one session in the order of their sequences, and those that waited
 * marked as late. Ends with 1 when a beat is missing or out of order.
 */
const SESSIONS = 50;
const RETRY_MS = 250;
const START_TIMEOUT_MS = 60_000;
const REPOSITORY = join(import.meta.dirname, '../..');
const BEAT_INTERVAL_MS = 10_000;

const HELP = `The broker is killed and comes back, the gateway is killed meanwhile: every acknowledged beat has to be in the topic, in order.

Usage: npm run verify:outage -- [options]

  --away N      seconds without the broker; below 15 the gateway is hardly back before it (60)
  --rate N      beats a second (500)
  --around N    seconds before and after (5)
  --help        this text

  acknowledged          beats answered 200: they are in Kafka or on the gateway's disk
  on the disk           records that waited there when the gateway was killed
  came late             beats that the topic has marked as late, because they waited
  lost, out of order    acknowledged beats that the topic does not have, or has before an earlier one of their session
Exit code 1: a beat was lost or out of order, or nothing waited on the disk.`;

const values = commandLine(HELP, {
  /** Seconds without the broker. */
  away: { type: 'string', default: '60' },
  /** Beats a second. */
  rate: { type: 'string', default: '500' },
  /** Seconds before and after. */
  around: { type: 'string', default: '5' },
});
const { away, rate, around } = optionsOrExit(() => ({
  away: numberOption('--away', values.away, 1, 3600),
  rate: numberOption('--rate', values.rate, 1, 100_000),
  around: numberOption('--around', values.around, 1, 3600),
}));
const awayMs = away * 1000;
const aroundMs = around * 1000;
const ports = await freePlayheadPorts();
const dataDir = await mkdtemp(join(tmpdir(), 'playhead-outage-'));
const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const running = new Set<ChildProcess>();
/** As a shell has it for a program that SIGINT ended. */
const INTERRUPTED = 130;
const gatewayUrl = `http://127.0.0.1:${ports.gateway}`;
const connection = {
  PLAYHEAD_DATA_DIR: dataDir,
  KAFKA_BROKERS: `127.0.0.1:${ports.kafka}`,
  SCHEMA_REGISTRY_URL: `http://127.0.0.1:${ports.registry}`,
};

let cleaning = false;

/** Ends what was started, and removes what was written. */
async function cleanUp(): Promise<void> {
  cleaning = true;
  agent.destroy();
  for (const child of running) {
    child.removeAllListeners('exit');
    await kill(child);
  }
  await rm(dataDir, { recursive: true, force: true, maxRetries: 10 });
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(INTERRUPTED)));
}

function start(program: string, env: Readonly<Record<string, string>>): ChildProcess {
  if (cleaning) throw new Error('ended before its time');
  const child = spawn(process.execPath, [program], {
    cwd: REPOSITORY,
    env: { ...process.env, ...connection, ...env, LOG_LEVEL: 'error' },
    stdio: 'ignore',
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

const startBroker = (): ChildProcess =>
  start('libs/embedded-kafka/src/main.ts', {
    KAFKA_PORT: String(ports.kafka),
    SCHEMA_REGISTRY_PORT: String(ports.registry),
  });

const startGateway = (): ChildProcess =>
  start('apps/gateway/src/main.ts', {
    GATEWAY_PORT: String(ports.gateway),
    GATEWAY_ADMIN_PORT: String(ports.gatewayAdmin),
    AUTO_REGISTER_SCHEMAS: 'true',
  });

/** Starts the gateway, and again each time that it ends, as whoever runs it does. Returns what ends it for good. */
function keepGateway(): { kill(): Promise<void>; end(): void } {
  let child = startGateway();
  let ended = false;
  const again = (): void => {
    if (ended) return;
    child = startGateway();
    child.once('exit', again);
  };
  child.once('exit', again);
  return {
    kill: () => kill(child),
    end: () => {
      ended = true;
    },
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + START_TIMEOUT_MS;
  while (!(await condition().catch(() => false))) {
    if (Date.now() > giveUpAt) throw new Error(`${what}: not within ${START_TIMEOUT_MS} ms`);
    await sleep(50);
  }
}

/** The status of a beat's answer, 0 when there is none. */
function post(ticket: string, body: string): Promise<number> {
  return new Promise((resolve) => {
    const headers = { 'playback-ticket': ticket, 'content-type': 'application/json', 'content-length': body.length };
    const outgoing = request(`${gatewayUrl}/v1/heartbeats`, { agent, method: 'POST', headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', () => resolve(0));
    });
    outgoing.on('error', () => resolve(0));
    outgoing.end(body);
  });
}

interface Session {
  readonly id: string;
  readonly ticket: string;
  readonly acknowledged: number[];
}

const tally = { refused: 0, unanswered: 0, duringOutage: 0 };
const waitedMs: number[] = [];
let brokerAway = false;
const stopping = new AbortController();

/** One session: beat after beat, each until it is acknowledged. */
async function play(session: Session, intervalMs: number): Promise<void> {
  for (let sequence = 0; !stopping.signal.aborted; sequence++) {
    const dueAt = performance.now();
    const body = JSON.stringify({ sequence, state: 'PLAYING', positionMs: 0, sentAt: Date.now() });
    let status = await post(session.ticket, body);
    while (status !== 200 && !stopping.signal.aborted) {
      if (status === 0) tally.unanswered++;
      else tally.refused++;
      await sleep(RETRY_MS);
      status = await post(session.ticket, body);
    }
    if (status !== 200) return;
    session.acknowledged.push(sequence);
    if (brokerAway) tally.duringOutage++;
    waitedMs.push(performance.now() - dueAt);
    await sleep(Math.max(0, intervalMs - (performance.now() - dueAt)));
  }
}

/** By event id: where a beat lies first; and how many are marked late. */
async function readTopic(): Promise<{ readonly firstAt: ReadonlyMap<string, number>; readonly late: number }> {
  const firstAt = new Map<string, number>();
  let late = 0;
  const log = { brokers: [connection.KAFKA_BROKERS], registry: connection.SCHEMA_REGISTRY_URL };
  await readHeartbeats(log, (beat, offset) => {
    if (firstAt.has(beat.eventId)) return;
    firstAt.set(beat.eventId, offset);
    if (beat.late) late++;
  });
  return { firstAt, late };
}

async function queuedRecords(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${ports.gatewayAdmin}/metrics`);
  return Number(/^gateway_queue_records(?:\{[^}]*\})? (\d+)/m.exec(await response.text())?.[1] ?? Number.NaN);
}

const isReady = (): Promise<boolean> =>
  fetch(`http://127.0.0.1:${ports.gatewayAdmin}/health/ready`).then(({ ok }) => ok);

try {
  let broker = startBroker();
  await until('the registry answers', () => fetch(`${connection.SCHEMA_REGISTRY_URL}/subjects`).then(({ ok }) => ok));
  const gateway = keepGateway();
  await until('the gateway is ready', isReady);
  const tickets = createTickets({ keys: [developmentKeys(dataDir).ticketKey], maxCached: 1 });
  const sessions: Session[] = Array.from({ length: SESSIONS }, (_, at) => {
    const owner = { tenant: 'demo', account: `acc-${at}`, profile: 'p-1', device: 'tv-1', session: `session-${at}` };
    const ticket = tickets.sign({ ...owner, content: 'film-1', kind: 'VOD', intervalMs: BEAT_INTERVAL_MS });
    return { id: owner.session, ticket, acknowledged: [] };
  });
  const intervalMs = (1000 * SESSIONS) / rate;
  const playing = Promise.all(sessions.map((session) => play(session, intervalMs)));
  await sleep(aroundMs);
  await kill(broker);
  brokerAway = true;
  await sleep(awayMs / 2);
  await until(
    'something waits on the disk, and is acknowledged',
    async () => tally.duringOutage > 0 && (await queuedRecords()) > 0,
  );
  const waitedOnDisk = await queuedRecords();
  await gateway.kill();
  await sleep(awayMs / 2);
  broker = startBroker();
  brokerAway = false;
  const backAt = performance.now();
  await until('the gateway is ready again', isReady);
  await until('the queue is empty', async () => (await queuedRecords()) === 0);
  const drainedMs = performance.now() - backAt;
  await sleep(aroundMs);
  stopping.abort();
  await playing;
  await until('the queue is empty at the end', async () => (await queuedRecords()) === 0);
  gateway.end();

  const { firstAt, late } = await readTopic();
  let acknowledged = 0;
  let missing = 0;
  let misplaced = 0;
  for (const { id, acknowledged: sequences } of sessions) {
    let before = -1;
    for (const sequence of sequences) {
      acknowledged++;
      const at = firstAt.get(nativeEventId({ session: id, type: 'BEAT', sequence }));
      if (at === undefined) missing++;
      else if (at < before) misplaced++;
      else before = at;
    }
  }
  console.log(`broker away ${away} s, the gateway killed after half of it; load average ${loadavg()[0]!.toFixed(1)}`);
  console.log(
    `${acknowledged} beats acknowledged (${tally.duringOutage} while the broker was away), ${waitedOnDisk} on the disk when the gateway was killed, ${late} came late`,
  );
  console.log(
    `${tally.refused} answers other than 200, ${tally.unanswered} without an answer, all sent again; acknowledged after p50 ${percentile(waitedMs, 0.5).toFixed(0)} ms, p99 ${percentile(waitedMs, 0.99).toFixed(0)} ms, max ${percentile(waitedMs, 1).toFixed(0)} ms`,
  );
  console.log(`broker back → queue empty: ${drainedMs.toFixed(0)} ms`);
  console.log(`${missing} acknowledged beats lost, ${misplaced} out of order`);
  if (missing > 0 || misplaced > 0 || waitedOnDisk === 0) process.exitCode = 1;
} finally {
  await cleanUp();
}
