import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '@playhead/chaos-streams/testing';
import { GatewayClient } from './clients/gateway-client.ts';
import type { Answer } from './clients/gateway-client.ts';
import { createIdentityProvider } from './system/issuer.ts';
import type { IdentityProvider } from './system/issuer.ts';
import { startSystem } from './system/playhead-system.ts';

/**
 * `npm run verify:owner-killed`: two guards, true times; one is killed with -9 and stays away. Meanwhile viewers beat,
 * start streams and look them up. Prints what each was answered until the other guard decides for all accounts. Exit code
 * 1 when a beat was not answered, or when decisions took longer than the session and 2 s.
 */
const TENANT = 'demo';
const ACCOUNTS = 48;
const MAX_STREAMS = 3;
const BEFORE_MS = 5_000;
const AFTER_MS = 15_000;
const EVERY_MS = 25;
const ALLOWED_MS = 8_000;

interface Probe {
  /** Since the kill, milliseconds; negative before it. */
  readonly atMs: number;
  readonly tookMs: number;
  readonly answer: Answer;
}

interface Viewer {
  readonly account: string;
  readonly token: string;
  readonly session: string;
  readonly ticket: string;
  sequence: number;
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    broker: { type: 'string', default: 'embedded' },
  },
});
const broker = values.broker === 'real' ? 'real' : 'embedded';
const directory = await mkdtemp(join(tmpdir(), 'owner-killed-'));
const identity = createIdentityProvider();
const system = await startSystem({ directory, broker, timeScale: 1, identity });
const client = new GatewayClient(system.gatewayUrls);
const random = seededRandom(Number(values.seed));
const gateway = (): number => random.below(client.gateways);

try {
  const viewers = await startViewers(identity);
  const beats: Probe[] = [];
  const starts: Probe[] = [];
  const lookups: Probe[] = [];
  let killedAt = Date.now() + BEFORE_MS;
  const probe = async (into: Probe[], ask: () => Promise<Answer>): Promise<Answer> => {
    const sentAt = Date.now();
    const answer = await ask();
    into.push({ atMs: sentAt - killedAt, tookMs: Date.now() - sentAt, answer });
    return answer;
  };
  const under = new Set<Promise<unknown>>();
  const begun = Date.now();
  let beaten = 0;
  /** Viewers beat one after the other, each once in the interval. */
  const dueBeats = (): readonly Viewer[] => {
    const due = Math.floor(((Date.now() - begun) * viewers.length) / system.times.intervalMs);
    return Array.from({ length: due - beaten }, () => viewers[beaten++ % viewers.length]!);
  };
  const round = (i: number): void => {
    const viewer = viewers[i % viewers.length]!;
    const all = [
      ...dueBeats().map((one) => probe(beats, () => beat(one))),
      probe(starts, () => start(viewer, `probe-${i}`)).then((answer) => stopAgain(answer)),
      probe(lookups, () => lookUp(viewer)),
    ];
    for (const one of all) under.add(one.finally(() => under.delete(one)));
  };
  let killed: Promise<void> | undefined;
  for (let i = 0; Date.now() < begun + BEFORE_MS + AFTER_MS; i++) {
    if (killed === undefined && Date.now() >= begun + BEFORE_MS) {
      killedAt = Date.now();
      killed = system.guards[0]!.end();
    }
    round(i);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  await Promise.all([...under, killed]);
  process.exitCode = report(beats, starts, lookups) ? 0 : 1;
} finally {
  client.close();
  await system.close();
  await rm(directory, { recursive: true, force: true });
}

async function startViewers(provider: IdentityProvider): Promise<readonly Viewer[]> {
  const operator = provider.token({ tenant: TENANT, roles: ['operator'] });
  return Promise.all(
    Array.from({ length: ACCOUNTS }, async (_, i): Promise<Viewer> => {
      const account = `owned-${i}`;
      const body = { plan: 'three', maxStreams: MAX_STREAMS };
      await client.ask(0, { method: 'PUT', path: `/v1/accounts/${account}/entitlement`, token: operator, body });
      const token = provider.token({ tenant: TENANT, account, profile: 'p-1', device: 'tv-1', roles: ['viewer'] });
      const { body: admitted, status } = await client.ask(0, {
        method: 'POST',
        path: '/v1/playback-sessions',
        token,
        body: { contentId: 'film-1', kind: 'VOD' },
      });
      if (status !== 201) throw new Error(`the first start of ${account} was answered ${status}`);
      return {
        account,
        token,
        session: admitted['sessionId'] as string,
        ticket: admitted['ticket'] as string,
        sequence: 0,
      };
    }),
  );
}

function beat(viewer: Viewer): Promise<Answer> {
  const sequence = viewer.sequence++;
  const body = { sequence, state: 'PLAYING', positionMs: sequence * 10_000, sentAt: Date.now() };
  return client.ask(gateway(), { method: 'POST', path: '/v1/heartbeats', ticket: viewer.ticket, body });
}

function start({ account }: Viewer, device: string): Promise<Answer> {
  const token = identity.token({ tenant: TENANT, account, profile: 'p-1', device, roles: ['viewer'] });
  const body = { contentId: 'film-2', kind: 'VOD' };
  return client.ask(gateway(), { method: 'POST', path: '/v1/playback-sessions', token, body });
}

async function stopAgain({ status, body }: Answer): Promise<void> {
  if (status !== 201) return;
  const path = `/v1/playback-sessions/${String(body['sessionId'])}/stop`;
  await client.ask(gateway(), { method: 'POST', path, ticket: body['ticket'] as string, body: {} });
}

function lookUp({ account, token }: Viewer): Promise<Answer> {
  return client.ask(gateway(), { method: 'GET', path: `/v1/accounts/${account}/streams`, token });
}

function report(beats: readonly Probe[], starts: readonly Probe[], lookups: readonly Probe[]): boolean {
  const decided = ({ answer: { status, body } }: Probe): boolean =>
    status === 409 || (status === 201 && body['checked'] === true);
  const fresh = ({ answer: { status, body } }: Probe): boolean =>
    status === 200 &&
    (body['streams'] as readonly { staleBy?: number }[]).every(({ staleBy }) => staleBy === undefined);
  const wrong = ({ answer: { status } }: Probe): boolean => ![200, 201, 409, 503].includes(status);
  const decisionsMs = lastWithout(starts, decided);
  const lookupsMs = lastWithout(lookups, fresh);
  const unanswered = beats.filter(({ answer }) => answer.status !== 200).length;
  const after = <T extends Probe>(probes: readonly T[]): readonly T[] => probes.filter(({ atMs }) => atMs >= 0);
  const of = (probes: readonly Probe[], is: (probe: Probe) => boolean): number => after(probes).filter(is).length;
  console.log(
    `beats since the kill: ${after(beats).length}, ${unanswered} not answered with 200, slowest ${slowest(after(beats))} ms`,
  );
  console.log(
    `starts since the kill: ${after(starts).length}, decided ${of(starts, decided)}, by the fail rule ${of(starts, (one) => !decided(one))}, slowest ${slowest(after(starts))} ms`,
  );
  console.log(
    `lookups since the kill: ${after(lookups).length}, fresh ${of(lookups, fresh)}, stale and marked ${of(lookups, ({ answer }) => answer.status === 200) - of(lookups, fresh)}, 503 ${of(lookups, ({ answer }) => answer.status === 503)}`,
  );
  console.log(`kill → every lookup fresh again: ${lookupsMs} ms`);
  console.log(
    `kill → every decision correct again: ${decisionsMs} ms (session time-out ${system.times.sessionTimeoutMs} ms, allowed ${ALLOWED_MS} ms)`,
  );
  const others = [...starts, ...lookups].filter(wrong).length;
  const strange = [...new Set([...starts, ...lookups].filter(wrong).map(({ answer }) => answer.status))];
  if (others > 0) console.log(`${others} answers that nobody expects: ${strange.join(', ')}`);
  return unanswered === 0 && others === 0 && decisionsMs <= ALLOWED_MS;
}

/** Milliseconds from the kill to the last answer that was not yet right: when it was given. */
function lastWithout(probes: readonly Probe[], right: (probe: Probe) => boolean): number {
  return Math.max(0, ...probes.filter((one) => !right(one)).map(({ atMs, tookMs }) => atMs + tookMs));
}

function slowest(probes: readonly Probe[]): number {
  return Math.max(0, ...probes.map(({ tookMs }) => tookMs));
}
