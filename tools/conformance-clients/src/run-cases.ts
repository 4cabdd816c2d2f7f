import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrokerUnderTest } from './broker-under-test.ts';
import { CASES } from './cases/index.ts';
import { CAPABILITIES, type CaseContext, type Capability, type ConformanceCase } from './cases/conformance-case.ts';
import type { Client, InstalledClient } from './clients.ts';
import type { ClientDriver } from './drivers/client-driver.ts';
import { OwnClient } from './own-client.ts';
import { Restarts } from './restarts.ts';

/** A client that was installed, with what it is. */
export interface TriedClient {
  readonly client: Client;
  readonly installed: InstalledClient;
}

/** What became of one case with one client. */
export interface CaseResult {
  readonly client: string;
  readonly capability: Capability;
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly seconds: number;
  /** What was expected and what came, or why it was skipped. */
  readonly detail?: string;
}

interface Planned {
  readonly tried: TriedClient;
  readonly test: ConformanceCase;
}

/** The cases of each client: of a capability the first whose needs it meets. */
export function plan(tried: readonly TriedClient[], caseNames: readonly string[]): readonly Planned[] {
  return tried.flatMap((one) =>
    CAPABILITIES.flatMap((capability) => {
      const test = CASES.find(
        (candidate) =>
          candidate.capability === capability &&
          candidate.kind === one.client.kind &&
          !candidate.needs.some((operation) => one.client.lacks.includes(operation)),
      );
      if (test === undefined || (caseNames.length > 0 && !caseNames.includes(test.name))) return [];
      return [{ tried: one, test }];
    }),
  );
}

/** Runs cases: first those that leave the broker alone, some at a time, then those that restart it, all together. */
export async function runCases(
  planned: readonly Planned[],
  tried: readonly TriedClient[],
  broker: BrokerUnderTest,
  report: (result: CaseResult) => void,
): Promise<readonly CaseResult[]> {
  const run = await Run.begin(tried, broker, report);
  try {
    const quiet = planned.filter(({ test }) => test.restartsBroker !== true);
    await Promise.all(Array.from({ length: availableParallelism() }, async () => run.takeFrom(quiet)));
    const restarting = planned.filter(({ test }) => test.restartsBroker === true);
    if (broker.restart === undefined) run.skip(restarting, 'the broker cannot be restarted from here (--restart)');
    else await run.whileRestarting(restarting);
    return run.results;
  } finally {
    await run.end();
  }
}

class Run {
  readonly results: CaseResult[] = [];
  readonly #broker: BrokerUnderTest;
  readonly #report: (result: CaseResult) => void;
  readonly #readers: ReadonlyMap<string, ClientDriver>;
  readonly #own: OwnClient;
  readonly #temporaryDirectory: string;
  readonly #restarts = new Restarts();
  readonly #id = randomBytes(3).toString('hex');
  readonly #taken = new Set<Planned>();

  private constructor(
    tried: readonly TriedClient[],
    broker: BrokerUnderTest,
    temporaryDirectory: string,
    report: (result: CaseResult) => void,
  ) {
    this.#broker = broker;
    this.#report = report;
    this.#temporaryDirectory = temporaryDirectory;
    this.#own = new OwnClient(broker.brokers);
    this.#readers = new Map(
      tried
        .filter(({ client }) => client.kind === 'client')
        .map(({ client, installed }) => [client.name, installed.open(broker.brokers)]),
    );
  }

  static async begin(
    tried: readonly TriedClient[],
    broker: BrokerUnderTest,
    report: (result: CaseResult) => void,
  ): Promise<Run> {
    return new Run(tried, broker, await mkdtemp(join(tmpdir(), 'playhead-conformance-state-')), report);
  }

  /** Runs what nobody has taken yet, one after another. */
  async takeFrom(planned: readonly Planned[]): Promise<void> {
    for (const one of planned) {
      if (this.#taken.has(one)) continue;
      this.#taken.add(one);
      await this.#runOne(one);
    }
  }

  async whileRestarting(planned: readonly Planned[]): Promise<void> {
    const cases = planned.map((one) => this.#runOne(one));
    await this.#restarts.run(this.#broker, cases);
  }

  skip(planned: readonly Planned[], detail: string): void {
    for (const one of planned) this.#add(one, 'skipped', 0, detail);
  }

  async end(): Promise<void> {
    await Promise.all([...this.#readers.values()].map((reader) => reader.kill()));
    await this.#own.close();
    await rm(this.#temporaryDirectory, { recursive: true, force: true, maxRetries: 5 });
  }

  async #runOne(planned: Planned): Promise<void> {
    const { tried, test } = planned;
    const opened: ClientDriver[] = [];
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1000;
    try {
      await test.run(this.#contextOf(tried, test, opened));
      this.#add(planned, 'passed', seconds());
    } catch (error) {
      this.#add(planned, 'failed', seconds(), error instanceof Error ? error.message : String(error));
    } finally {
      await Promise.all(opened.map((driver) => driver.kill()));
    }
  }

  #contextOf({ client, installed }: TriedClient, test: ConformanceCase, opened: ClientDriver[]): CaseContext {
    return {
      client: client.name,
      can: (operation) => !client.lacks.includes(operation),
      open: () => {
        const driver = installed.open(this.#broker.brokers);
        opened.push(driver);
        return driver;
      },
      readers: this.#readers,
      own: this.#own,
      duringRestarts: (times, step) => this.#restarts.during(times, step),
      unique: (what) => `${this.#id}-${client.name}-${test.name}-${what}`,
      temporaryDirectory: this.#temporaryDirectory,
    };
  }

  #add({ tried, test }: Planned, outcome: CaseResult['outcome'], seconds: number, detail?: string): void {
    const { capability, name } = test;
    const result = { client: tried.client.name, capability, name, outcome, seconds, ...(detail && { detail }) };
    this.results.push(result);
    this.#report(result);
  }
}
