import { createServiceIdentity, loadSettings, sharedSettings } from '@playhead/service-kit';
import { startFloor } from './floor.ts';
import { OwnStalls } from './own-stalls.ts';
import { ofTicket, Players } from './players.ts';
import type { Counts, PlayersOptions, Session } from './players.ts';
import { timedSince } from './timed.ts';
import type { Timed } from './timed.ts';

/**
 * What is timed, in a process of its own: one that makes the load is late itself whenever much comes at once. Every beat
 * of its sessions is observed: its lookup is polled from the beat's answer on (before it the lookup can hardly have it),
 * every 2 ms and later in steps of a twentieth of the time so far, whether the last answer is there or not, until one shows
 * the sequence. 20 times a second a viewer of another account starts a stream, and stops it when it has its answer. Its
 * settings are one argument of JSON.
 */
export interface ProbeSettings extends PlayersOptions {
  readonly brokers: string;
  /** Beats a second, all sessions together. */
  readonly rate: number;
  readonly seconds: number;
}

/** What it saw in the seconds that were measured. */
export interface ProbeResult {
  readonly counts: Counts;
  readonly unseen: number;
  readonly unchecked: number;
  readonly latencies: readonly Timed[];
  /** Of the same beats. */
  readonly answers: readonly Timed[];
  readonly admissions: readonly Timed[];
  readonly floorMs: readonly number[];
  /** When the probe itself did not go on; undefined for one that sleeps. */
  readonly stalls: readonly Timed[] | undefined;
}

/** When the measured seconds begin and end, and then what came out. */
export type FromProbe =
  | { readonly type: 'measuring' }
  | { readonly type: 'measured' }
  | { readonly type: 'result'; readonly result: ProbeResult };

const STARTS_PER_SECOND = 20;
/** At the full rate, before what is measured: until what piled up while every session began is worked off, and the compiler is done with all of it. */
const SETTLE_SECONDS = 30;
const POLL_MS = 2;
/** A slow answer is asked for no more often than its time can be told: polls must not be what makes it slow. */
const POLL_SHARE = 0.05;
const OBSERVE_TIMEOUT_MS = 5000;
const STREAM = '{"contentId":"film-1","kind":"VOD"}';

// The bench has gone while this was loaded.
if (!process.connected) process.exit();
const tell = (message: FromProbe): void => void process.send?.(message);
const settings = JSON.parse(process.argv[2]!) as ProbeSettings;
const { dataDir, brokers, rate, seconds } = settings;
const players = new Players(settings);
const viewers = createServiceIdentity('bench', loadSettings(sharedSettings, { PLAYHEAD_DATA_DIR: dataDir }));
const latencies: Timed[] = [];
const answers: Timed[] = [];
const admissions: Timed[] = [];
let unseen = 0;
let unchecked = 0;

/** Asks on and on without waiting for the answers, and notes when the first of them showed the sequence. */
async function untilSeen(session: Session, sequence: number, postedAt: number): Promise<void> {
  const seen = new AbortController();
  const ask = async (): Promise<void> => {
    const { gateway, id, ticket } = session;
    const { status, body } = await gateway.send('GET', `/v1/playback-sessions/${id}`, ticket);
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

async function observedBeat(session: Session): Promise<void> {
  const postedAt = performance.now();
  const sequence = await players.beat(session);
  answers.push(timedSince(postedAt));
  await untilSeen(session, sequence, postedAt);
}

/** A viewer starts a stream, and stops it. */
async function admission(i: number): Promise<void> {
  const gateway = players.gatewayOf(i);
  const claims = { tenant: 'demo', account: `viewer-${i}`, profile: 'p-1', device: 'tv-1', roles: ['viewer' as const] };
  const bearer = `authorization: Bearer ${await viewers.development!.signToken(claims)}\r\n`;
  const askedAt = performance.now();
  const { status, body } = await gateway.send('POST', '/v1/playback-sessions', bearer, STREAM);
  admissions.push(timedSince(askedAt));
  if (status !== 201) {
    players.refuse(`start ${status}`);
    return;
  }
  const { sessionId, ticket, checked } = JSON.parse(body) as { sessionId: string; ticket: string; checked: boolean };
  if (!checked) unchecked += 1;
  // Of one that is not checked the guard is told by a record of its own.
  players.acknowledge(checked ? 1 : 2);
  const stop = await gateway.send('POST', `/v1/playback-sessions/${sessionId}/stop`, ofTicket(ticket), '{}');
  if (stop.status < 300) players.acknowledge(1);
  else players.refuse(`stop ${stop.status}`);
}

const run = async (forSeconds: number): Promise<unknown> =>
  Promise.all([
    players.run(rate, { total: rate * forSeconds }, observedBeat),
    players.steadily(STARTS_PER_SECOND, { total: STARTS_PER_SECOND * forSeconds }, admission),
  ]);

process.on('disconnect', () => process.exit());
const floor = await startFloor(brokers.split(','));
await run(SETTLE_SECONDS);
players.resetCounts();
unseen = 0;
unchecked = 0;
for (const measured of [latencies, answers, admissions]) measured.length = 0;
floor.reset();
tell({ type: 'measuring' });
const own = settings.awake ? new OwnStalls() : undefined;
const watching = own?.watch();
await run(seconds);
own?.end();
await watching;
tell({ type: 'measured' });
await floor.close();
players.close();
const { counts } = players;
tell({
  type: 'result',
  result: { counts, unseen, unchecked, latencies, answers, admissions, floorMs: floor.latenciesMs, stalls: own?.found },
});
