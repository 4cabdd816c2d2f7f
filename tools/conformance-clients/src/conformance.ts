import type { Arguments } from './arguments.ts';
import { brokerAt, startEmbeddedBroker } from './broker-under-test.ts';
import { CAPABILITIES } from './cases/conformance-case.ts';
import { type Client, CLIENTS } from './clients.ts';
import { REGISTRY_CAPABILITIES } from './registry/registry-cases.ts';
import { type RegistryResult, type RegistryRun, runRegistryCases } from './registry/run-registry-cases.ts';
import { type CaseResult, plan, runCases, type TriedClient } from './run-cases.ts';
import { table } from './table.ts';

/** Installs the clients, runs their cases, prints the table; answers whether all is well. */
export async function conformance(args: Arguments): Promise<boolean> {
  const started = performance.now();
  const chosen = CLIENTS.filter(({ name }) => args.clients.length === 0 || args.clients.includes(name));
  const { tried, missing } = await install(chosen, args.cacheDir);
  const broker =
    args.brokers === undefined
      ? await startEmbeddedBroker()
      : brokerAt(args.brokers, args.registryUrl, args.restartCommand);
  try {
    console.log(`broker: ${broker.name}`);
    const results = await runCases(plan(tried, args.caseNames), tried, broker, print);
    const names = tried.map(({ client, installed }) => `${client.name} ${installed.version}`);
    const labelled = results.map((one) => ({
      ...one,
      client: names[tried.findIndex(({ client }) => client.name === one.client)]!,
    }));
    if (names.length > 0) console.log(`\n${table(CAPABILITIES, names, labelled)}\n`);
    const registry = await tryRegistry(args, broker.registryUrl);
    const all = [...results, ...(registry?.results ?? [])];
    const count = (outcome: CaseResult['outcome']): number => all.filter((one) => one.outcome === outcome).length;
    const failed = count('failed') + (args.requireAll ? missing + (registry?.missing ?? 0) : 0);
    if (failed > 0) for (const line of broker.complaints()) console.log(`broker: ${line}`);
    const seconds = Math.round((performance.now() - started) / 1000);
    console.log(`${count('passed')} passed, ${failed} failed, ${count('skipped')} skipped (${seconds} s)`);
    return failed === 0 && count('passed') > 0;
  } finally {
    await broker.close();
  }
}

async function tryRegistry(args: Arguments, url: string | undefined): Promise<RegistryRun | undefined> {
  if (args.clients.length > 0 && !args.clients.includes('registry')) return undefined;
  if (url === undefined) {
    console.log('skipped: the clients of a Schema Registry (--registry says where it is)');
    return undefined;
  }
  const run = await runRegistryCases(url, args.cacheDir, args.caseNames, print);
  console.log(`\n${table(REGISTRY_CAPABILITIES, run.clients, run.results)}\n`);
  return run;
}

async function install(
  clients: readonly Client[],
  cacheDir: string,
): Promise<{ readonly tried: readonly TriedClient[]; readonly missing: number }> {
  const outcomes = await Promise.allSettled(clients.map((client) => client.install(cacheDir)));
  const tried: TriedClient[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    const client = clients[index]!;
    if (outcome.status === 'fulfilled') tried.push({ client, installed: outcome.value });
    else console.log(`skipped: ${client.name} could not be installed: ${String(outcome.reason)}`);
  }
  return { tried, missing: clients.length - tried.length };
}

function print({ client, capability, name, outcome, seconds, detail }: RegistryResult): void {
  console.log(`${outcome} ${client}: ${name} (${capability}, ${seconds.toFixed(1)} s)`);
  if (detail !== undefined) console.log(`  ${detail.replaceAll('\n', '\n  ')}`);
}
