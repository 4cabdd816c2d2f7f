import { seededRandom } from '@playhead/chaos-streams/testing';
import type { SeededRandom } from '@playhead/chaos-streams/testing';
import { entitle, newAccounts, newNamedAccounts } from './accounts.ts';
import { checkAccount } from './checks/check-account.ts';
import { checkCounts } from './checks/check-counts.ts';
import { checkEvents } from './checks/check-events.ts';
import { checkTerminations, countTooEarly } from './checks/check-terminations.ts';
import { countUnheard } from './checks/check-verdicts.ts';
import { countUnchecked } from './checks/count-unchecked.ts';
import { Abuse } from './clients/abuse.ts';
import { RunClock } from './clients/clock.ts';
import { Device } from './clients/device.ts';
import type { GatewayClient } from './clients/gateway-client.ts';
import { VerdictListener } from './clients/verdict-listener.ts';
import { runNamed } from './clients/named-sessions.ts';
import { FaultSchedule } from './faults.ts';
import type { AccountSeen, LogSeen, Violation } from './history.ts';
import { policyTimes } from './kinds.ts';
import type { TopicReader } from './log/topic-reader.ts';
import type { SeedReport } from './report.ts';
import { settled } from './settle.ts';
import type { IdentityProvider } from './system/issuer.ts';
import type { PlayheadSystem } from './system/playhead-system.ts';

/** More devices of an account than it may use at once, at most. */
const MORE_DEVICES = 3;
/** Devices of an account that no rule refuses. */
const AMPLE_DEVICES = 3;
/** More sessions of the same names than an account may have. */
const MORE_NAMES = 2;
const IN_FLIGHT_MS = 1_000;
const HEARD_MS = 10_000;
const HEARD_POLL_MS = 100;

/** What a run has in common with the ones before and after it. */
export interface RunParts {
  readonly system: PlayheadSystem;
  readonly client: GatewayClient;
  readonly reader: TopicReader;
  readonly identity: IdentityProvider;
  /** Of a tenant. */
  readonly operatorToken: (tenant: string) => string;
  readonly accounts: number;
  readonly intervals: number;
}

/** What all viewers of a run share. */
interface Playground extends RunParts {
  readonly seed: number;
  readonly clock: RunClock;
  readonly abuse: Abuse;
  readonly random: SeededRandom;
  readonly wrong: Violation[];
}

/** One run: viewers and faults for so long, then the checks. Rejects when the system does not come back. */
export async function runSeed(seed: number, parts: RunParts): Promise<SeedReport> {
  const { system, client, reader } = parts;
  const { intervalMs, graceMs } = system.times;
  const random = seededRandom(seed);
  const players = newAccounts(seed, parts.accounts);
  const named = newNamedAccounts(seed);
  const accounts = [...players, ...named];
  for (const account of accounts) await entitle(parts, account);

  const clock = new RunClock(Date.now() + parts.intervals * intervalMs);
  const abuse = new Abuse(client, random);
  const faults = new FaultSchedule({ seed, system, clock, random });
  const wrong: Violation[] = [];
  const playground: Playground = { ...parts, seed, clock, abuse, random, wrong };
  const devices = players.flatMap((account) => devicesOf(account, playground));
  const names = named.flatMap((account) => namesOf(account, playground));
  const { skewMs, brokerAway, gatewaysAway } = faults;
  const { lookups, log } = await whileHeard(accounts, parts, async () => {
    await Promise.all([faults.run(), ...devices.map((device) => device.run()), ...names]);
    const found = await settled({ ...parts, skewMs }, accounts);
    await untilHeard(accounts, found.log);
    return found;
  });
  const times = {
    intervalMs,
    graceMs,
    inFlightMs: IN_FLIGHT_MS,
    skewMs,
    brokerAway,
    gatewaysAway,
    ...policyTimes(intervalMs),
  };
  const violations = [
    ...wrong,
    ...abuse.violations,
    ...accounts.flatMap((account) => [...checkAccount(account, log, times), ...checkEvents(account, log)]),
    ...checkCounts(players, log, lookups),
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
    unchecked: countUnchecked(accounts, log, times),
    stopsTooEarly: countTooEarly(accounts, log),
    stopsUnheard: countUnheard(accounts, brokerAway),
    log,
  };
}

/** Does something while somebody listens to the verdicts of every account. */
async function whileHeard<T>(
  accounts: readonly AccountSeen[],
  { system, operatorToken }: RunParts,
  act: () => Promise<T>,
): Promise<T> {
  const listeners = accounts.map((account, firstGateway) => {
    const token = operatorToken(account.tenant);
    return new VerdictListener({ urls: system.gatewayUrls, token, account, firstGateway });
  });
  const listening = listeners.map((listener) => listener.run());
  try {
    return await act();
  } finally {
    for (const listener of listeners) listener.end();
    await Promise.all(listening);
  }
}

/** Waits for the stops of the log to be heard; not for long, so that one that never is is found. */
async function untilHeard(accounts: readonly AccountSeen[], log: LogSeen): Promise<void> {
  const deadline = performance.now() + HEARD_MS;
  while (accounts.some((account) => checkEvents(account, log).length > 0) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, HEARD_POLL_MS));
  }
}

function devicesOf(account: AccountSeen, playground: Playground): readonly Device[] {
  const { client, clock, abuse, random, wrong, identity, operatorToken, system } = playground;
  const { tenant, kind, maxStreams } = account;
  const { intervalMs, graceMs } = system.times;
  const least = kind === 'shadow' ? AMPLE_DEVICES : maxStreams;
  return Array.from({ length: least + 1 + random.below(MORE_DEVICES) }, (_, i) => {
    const device = `device-${i}`;
    const claims = { tenant, account: account.account, profile: 'p-1', device, roles: ['viewer' as const] };
    return new Device({
      client,
      clock,
      random: seededRandom(random.below(2 ** 31)),
      abuse,
      account,
      device,
      viewerToken: identity.token(claims),
      operatorToken: operatorToken(tenant),
      serviceToken: identity.token({ tenant, roles: ['service'] }),
      intervalMs,
      leaseMs: intervalMs + graceMs,
      violations: wrong,
    });
  });
}

function namesOf(account: AccountSeen, playground: Playground): readonly Promise<void>[] {
  const { client, clock, random, wrong, identity, operatorToken, seed, system } = playground;
  const { tenant, maxStreams } = account;
  const { intervalMs, graceMs } = system.times;
  return Array.from({ length: maxStreams + MORE_NAMES }, (_, i) =>
    runNamed({
      client,
      clock,
      random: seededRandom(random.below(2 ** 31)),
      account,
      name: `s${seed}-stream-${i}`,
      serviceToken: identity.token({ tenant, roles: ['service'] }),
      operatorToken: operatorToken(tenant),
      intervalMs,
      leaseMs: intervalMs + graceMs,
      violations: wrong,
    }),
  );
}
