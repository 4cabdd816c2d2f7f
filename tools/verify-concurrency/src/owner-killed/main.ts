import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine, numberOption, optionsOrExit, seededRandom, UsageError } from '@playhead/chaos-streams/testing';
import { GatewayClient } from '../clients/gateway-client.ts';
import type { Answer } from '../clients/gateway-client.ts';
import { createIdentityProvider } from '../system/issuer.ts';
import type { IdentityProvider } from '../system/issuer.ts';
import { startSystem } from '../system/playhead-system.ts';
import { ALLOWED_MS, reportOf } from './report.ts';
import type { Probe } from './report.ts';

/** `npm run verify:owner-killed`: two guards, true times; one is killed with -9 and stays away. */
const TENANT = 'demo';
const ACCOUNTS = 48;
const MAX_STREAMS = 3;
const BEFORE_MS = 5_000;
const AFTER_MS = 15_000;
const EVERY_MS = 25;

interface Viewer {
  readonly account: string;
  readonly token: string;
  readonly session: string;
  readonly ticket: string;
  sequence: number;
}

const HELP = `Two guards at true times; one is killed with -9 and stays away. Meanwhile viewers beat, start streams and look them up.

Usage: npm run verify:owner-killed -- [options]

  --seed N      decides which gateway is asked (default: by the clock)
  --broker B    embedded (default) or real: an Apache Kafka started here
  --help        this text

  decided                  starts that a guard answered: admitted and checked, or refused
  by the fail rule         starts that no guard answered in time: admitted unchecked, or 503 where the tenant says so
  fresh                    lookups that the owner of the account answered
  stale and marked         lookups that a copy answered, with staleBy
  the other guard decides  first decision on an account whose first start after the kill got none: the takeover; what is later is work that has piled up
  correct again            after the last start that was not decided, or the last lookup that was not fresh
Exit code 0: every beat was answered 200, every status is one that players know, and decisions were correct again within ${ALLOWED_MS} ms;
1: not so, and the checks that failed are named; 2: an option is wrong.`;

const values = commandLine(HELP, {
  seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  broker: { type: 'string', default: 'embedded' },
});
const { broker, seed } = optionsOrExit(() => ({
  broker: brokerOption(values.broker),
  seed: numberOption('--seed', values.seed, 0, 1_000_000_000),
}));
const directory = await mkdtemp(join(tmpdir(), 'owner-killed-'));
const identity = createIdentityProvider();
const system = await startSystem({ directory, broker, timeScale: 1, identity });
const client = new GatewayClient(system.gatewayUrls);
const random = seededRandom(seed);
const gateway = (): number => random.below(client.gateways);

try {
  const viewers = await startViewers(identity);
  const beats: Probe[] = [];
  const starts: Probe[] = [];
  const lookups: Probe[] = [];
  let killedAt = Date.now() + BEFORE_MS;
  const probe = async (into: Probe[], { account }: Viewer, ask: () => Promise<Answer>): Promise<Answer> => {
    const sentAt = Date.now();
    const answer = await ask();
    into.push({ account, atMs: sentAt - killedAt, tookMs: Date.now() - sentAt, answer });
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
      ...dueBeats().map((one) => probe(beats, one, () => beat(one))),
      probe(starts, viewer, () => start(viewer, `probe-${i}`)).then((answer) => stopAgain(answer)),
      probe(lookups, viewer, () => lookUp(viewer)),
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
  const { lines, failures } = reportOf({ beats, starts, lookups }, system.times.sessionTimeoutMs);
  for (const line of lines) console.log(line);
  for (const failure of failures) console.log(`FAILED: ${failure}`);
  console.log(
    `${failures.length === 0 ? 'all checks passed' : 'failed'} (seed ${seed}, load average ${loadavg()[0]!.toFixed(1)})`,
  );
  process.exitCode = failures.length === 0 ? 0 : 1;
} finally {
  client.close();
  await system.close();
  await rm(directory, { recursive: true, force: true });
}

function brokerOption(given: string): 'embedded' | 'real' {
  if (given === 'embedded' || given === 'real') return given;
  throw new UsageError(`--broker is "${given}"; allowed: embedded, real`);
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
