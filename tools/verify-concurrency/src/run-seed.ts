import { seededRandom } from '@playhead/chaos-streams/testing';
import { checkAccount, countUnheard, missingInLog } from './checks/check-account.ts';
import { checkCounts } from './checks/check-counts.ts';
import { checkTerminations, countTooEarly } from './checks/check-terminations.ts';
import { countUnchecked } from './checks/count-unchecked.ts';
import { Abuse } from './clients/abuse.ts';
import { RunClock } from './clients/clock.ts';
import { Device } from './clients/device.ts';
import type { GatewayClient } from './clients/gateway-client.ts';
import { FaultSchedule } from './faults.ts';
import type { AccountSeen, LogSeen, LookupSeen, Violation } from './history.ts';
import type { TopicReader } from './log/topic-reader.ts';
import type { SeedReport } from './report.ts';
import type { IdentityProvider } from './system/issuer.ts';
import type { PlayheadSystem } from './system/playhead-system.ts';

const TENANT = 'demo';
const MAX_STREAMS = 3;
/** More devices of an account than it may use at once, at most. */
const MORE_DEVICES = 3;
const IN_FLIGHT_MS = 1_000;
const SETTLE_MS = 60_000;
const SETTLE_POLL_MS = 100;
const LOOKUPS_AT_ONCE = 16;

/** What a run has in common with the ones before and after it. */
export interface RunParts {
  readonly system: PlayheadSystem;
  readonly client: GatewayClient;
  readonly reader: TopicReader;
  readonly identity: IdentityProvider;
  readonly accounts: number;
  readonly intervals: number;
}

/** One run: viewers and faults for so long, then the checks. Rejects when the system does not come back. */
export async function runSeed(seed: number, parts: RunParts): Promise<SeedReport> {
  const { system, client, reader, identity } = parts;
  const { intervalMs, graceMs } = system.times;
  const random = seededRandom(seed);
  const operatorToken = identity.token({ tenant: TENANT, roles: ['operator'] });
  const accounts = Array.from({ length: parts.accounts }, (_, i) =>
    newAccount(`s${seed}-a${i}`, 1 + (i % MAX_STREAMS)),
  );
  for (const account of accounts) await entitle(client, account, operatorToken);

  const clock = new RunClock(Date.now() + parts.intervals * intervalMs);
  const abuse = new Abuse(client, random);
  const faults = new FaultSchedule(system, clock, random);
  const wrong: Violation[] = [];
  const devices = accounts.flatMap((account) =>
    Array.from({ length: account.maxStreams + 1 + random.below(MORE_DEVICES) }, (_, i) => {
      const device = `device-${i}`;
      const claims = { tenant: TENANT, account: account.account, profile: 'p-1', device, roles: ['viewer' as const] };
      const viewerToken = identity.token(claims);
      const own = { account, device, viewerToken, operatorToken, intervalMs, violations: wrong };
      return new Device({ client, clock, random: seededRandom(random.below(2 ** 31)), abuse, ...own });
    }),
  );
  await Promise.all([faults.run(), ...devices.map((device) => device.run())]);

  const { lookups, log } = await settled(parts, accounts, operatorToken);
  const times = { intervalMs, graceMs, inFlightMs: IN_FLIGHT_MS, brokerAway: faults.brokerAway };
  const violations = [
    ...wrong,
    ...abuse.violations,
    ...accounts.flatMap((account) => checkAccount(account, log, times)),
    ...checkCounts(accounts, log, lookups),
    ...checkTerminations(accounts, log),
  ];
  reader.forget();
  return {
    seed,
    violations,
    accounts,
    faults: faults.counts,
    abuse: abuse.counts,
    lookups: lookups.length,
    unchecked: countUnchecked(accounts, times),
    stopsTooEarly: countTooEarly(accounts, log),
    stopsUnheard: countUnheard(accounts, times.brokerAway),
    log,
  };
}

function newAccount(account: string, maxStreams: number): AccountSeen {
  return { account, maxStreams, starts: [], sessions: [] };
}

async function entitle(client: GatewayClient, { account, maxStreams }: AccountSeen, token: string): Promise<void> {
  const path = `/v1/accounts/${account}/entitlement`;
  const body = { plan: `screens-${maxStreams}`, maxStreams };
  await until(`the entitlement of ${account}`, async () => {
    const { status } = await client.ask(0, { method: 'PUT', path, token, body });
    return status === 204 ? true : undefined;
  });
}

/** The log and the lookups, once the system has come back, has everything in the log and has counted it; as they are, when it does not within a minute. */
async function settled(
  { client, reader }: RunParts,
  accounts: readonly AccountSeen[],
  token: string,
): Promise<{ readonly log: LogSeen; readonly lookups: readonly LookupSeen[] }> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const log = await reader.seen();
    const lookups = await lookUp(client, accounts, token);
    const isMissing = accounts.some((account) => missingInLog(account, log).length > 0);
    const isCounted = checkCounts(accounts, log, lookups).length === 0;
    if ((isCounted && !isMissing) || performance.now() > deadline) return { log, lookups };
    await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL_MS));
  }
}

/** What is said of every session. */
async function lookUp(
  client: GatewayClient,
  accounts: readonly AccountSeen[],
  token: string,
): Promise<readonly LookupSeen[]> {
  const sessions = accounts.flatMap(({ sessions: seen }) => seen);
  const found: LookupSeen[] = [];
  const one = async (): Promise<void> => {
    for (let seen = sessions.pop(); seen !== undefined; seen = sessions.pop()) {
      const { session, account } = seen;
      const path = `/v1/playback-sessions/${session}?account=${account}`;
      const beats = await until(`the lookup of ${session}`, async () => {
        const { status, body } = await client.ask(found.length % client.gateways, { method: 'GET', path, token });
        // A session of which nothing came into the log is not known: its start was lost.
        if (status === 404) return 0;
        return status === 200 && body['stale'] !== true ? (body as { readonly beats: number }).beats : undefined;
      });
      found.push({ session, beats });
    }
  };
  await Promise.all(Array.from({ length: LOOKUPS_AT_ONCE }, one));
  return found;
}

async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const value = await ask();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`${what} was not answered within ${SETTLE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL_MS));
  }
}
