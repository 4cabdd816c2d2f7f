import { randomBytes } from 'node:crypto';
import type { CaseResult } from '../run-cases.ts';
import { REGISTRY_CLIENTS, type RegistryClient } from './registry-clients.ts';
import { REGISTRY_CAPABILITIES, REGISTRY_CASES, type RegistryCase } from './registry-cases.ts';

/** A result of the registry's table. */
export type RegistryResult = Omit<CaseResult, 'capability'> & { readonly capability: string };

/** What the registry's clients came to. */
export interface RegistryRun {
  /** Names with versions. */
  readonly clients: readonly string[];
  readonly results: readonly RegistryResult[];
  /** Clients that could not be installed. */
  readonly missing: number;
}

/** The cases of a client: of a capability the first whose needs it meets. */
export function registryPlan(
  { knows }: Pick<RegistryClient, 'knows'>,
  caseNames: readonly string[],
): readonly RegistryCase[] {
  return REGISTRY_CAPABILITIES.flatMap((capability) => {
    const can = (test: RegistryCase): boolean => knows === 'everything' || test.needs.every((one) => knows.has(one));
    const test = REGISTRY_CASES.find((one) => one.capability === capability && can(one));
    return test === undefined || (caseNames.length > 0 && !caseNames.includes(test.name)) ? [] : [test];
  });
}

/** Runs every case with every client, one after another. */
export async function runRegistryCases(
  url: string,
  cacheDir: string,
  caseNames: readonly string[],
  report: (result: RegistryResult) => void,
): Promise<RegistryRun> {
  const clients: string[] = [];
  const results: RegistryResult[] = [];
  let missing = 0;
  const run = randomBytes(3).toString('hex');
  for (const client of REGISTRY_CLIENTS) {
    const installed = await client.install(cacheDir).catch((error: unknown) => {
      console.log(`skipped: ${client.name} could not be installed: ${String(error)}`);
      return undefined;
    });
    if (installed === undefined) {
      missing++;
      continue;
    }
    const name = `${client.name} ${installed.version}`;
    clients.push(name);
    const driver = installed.open(url);
    for (const test of registryPlan(client, caseNames)) {
      const started = performance.now();
      const detail = await test
        .run(driver, (what) => `${run}-${clients.length}-${test.name}-${what}`)
        .then(() => undefined)
        .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
      const result: RegistryResult = {
        client: name,
        capability: test.capability,
        name: test.name,
        outcome: detail === undefined ? 'passed' : 'failed',
        seconds: (performance.now() - started) / 1000,
        ...(detail === undefined ? {} : { detail }),
      };
      results.push(result);
      report(result);
    }
    await driver.close();
  }
  return { clients, results, missing };
}
