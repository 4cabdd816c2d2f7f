import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionsOrExit } from '@playhead/chaos-streams/testing';
import { putPolicies } from './accounts.ts';
import { GatewayClient } from './clients/gateway-client.ts';
import { TopicReader } from './log/topic-reader.ts';
import { policyTimes } from './kinds.ts';
import { HELP, readOptions } from './options.ts';
import type { VerifyOptions } from './options.ts';
import { add, line, totalsOf, violationLines } from './report.ts';
import type { SeedReport, SeedTotals } from './report.ts';
import { runSeed } from './run-seed.ts';
import { createIdentityProvider } from './system/issuer.ts';
import { startSystem } from './system/playhead-system.ts';

const options = optionsOrExit(readOptions);
if (options === undefined) console.log(HELP);
else process.exitCode = (await verify(options)) ? 0 : 1;

/** Whether there was no violation. */
async function verify(given: VerifyOptions): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'verify-concurrency-'));
  if (given.keep) console.log(`logs and data: ${directory}`);
  const identity = createIdentityProvider();
  const system = await startSystem({ ...given, directory, identity });
  const client = new GatewayClient(system.gatewayUrls);
  const reader = new TopicReader(system.brokerAddress, system.registryUrl);
  const operatorToken = (tenant: string): string => identity.token({ tenant, roles: ['operator'] });
  let totals: SeedTotals = {};
  const failed: number[] = [];
  try {
    await reader.start();
    await putPolicies({ client, operatorToken }, policyTimes(system.times.intervalMs));
    for (let seed = given.seed; seed < given.seed + given.seeds; seed++) {
      const report = await runSeed(seed, { ...given, system, client, reader, identity, operatorToken });
      const one = totalsOf(report);
      console.log(`seed ${seed}: ${line(one)}`);
      for (const text of violationLines(report)) console.log(text);
      if (report.violations.length > 0) failed.push(seed);
      if (given.keep && report.violations.length > 0) await writeHistory(directory, report);
      totals = add(totals, one);
    }
  } catch (error) {
    console.error('the run was given up:', error);
    return false;
  } finally {
    client.close();
    await reader.close();
    await system.close();
    if (!given.keep) await rm(directory, { recursive: true, force: true });
  }
  const crashes = [...system.gateways, ...system.guards].flatMap((one) => one.crashes);
  for (const crash of crashes) console.log(`crash: ${crash}`);
  const seeds = given.seeds === 1 ? `seed ${given.seed}` : `${given.seeds} seeds from ${given.seed}`;
  // The numbers of a single seed have just been printed.
  const sum = given.seeds === 1 ? `violations ${failed.length === 0 ? 'none' : 'above'}` : line(totals);
  console.log(`${seeds}, ${given.broker} broker, time scale ${given.timeScale}: ${sum}`);
  if (failed.length > 0) console.log(`seeds with violations: ${failed.join(', ')}`);
  return failed.length === 0 && crashes.length === 0;
}

/** What was answered to the accounts that violations are about: the times to look for in the logs. */
async function writeHistory(directory: string, { seed, accounts, violations }: SeedReport): Promise<void> {
  const about = new Set(violations.map(({ account }) => account));
  const seen = accounts.filter(({ account }) => about.has(account));
  await writeFile(join(directory, `history-${seed}.json`), JSON.stringify({ violations, accounts: seen }, null, 1));
}
