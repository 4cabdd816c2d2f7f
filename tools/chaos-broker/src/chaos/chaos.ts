import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom, type SeededRandom } from '../seeded-random.ts';
import { BrokerProcess } from './broker-process.ts';
import { CompactedLoad } from './compacted-load.ts';
import { Findings } from './findings.ts';
import { GroupLoad } from './group-load.ts';
import { InFlight } from './in-flight.ts';
import type { Load, LoadContext } from './load.ts';
import { OrderedLoad } from './ordered-load.ts';
import { TransactionalLoad } from './transactional-load.ts';

/** How much is done to a broker. */
export interface ChaosOptions {
  readonly kills: number;
  readonly seed: number;
  /** Called after every kill. */
  readonly progress?: (kills: number) => void;
}

/** What came of it. */
export interface ChaosReport {
  readonly kills: number;
  /** Kills within 5 ms of the sending of a write that was not acknowledged. */
  readonly inFlight: number;
  readonly compactions: number;
  /** How often a read before a compaction was compared with one after it. */
  readonly comparisons: number;
  readonly findings: Findings;
  /** What each load did. */
  readonly loads: readonly string[];
}

const IN_FLIGHT_MS = 5;
/** Between two kills clients work for so long, at least and at most. */
const MIN_PAUSE_MS = 40;
const MAX_PAUSE_MS = 250;
/** After so many kills the next one waits for a comparison over a compaction: 25 in a run of 200, whatever the seed and the machine's load. */
const KILLS_A_COMPARISON = 8;

/** Kills a broker under load again and again, then compares what it has with what it acknowledged. Rejects when a client meets what no client should. */
export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const { kills, seed } = options;
  const broker = await BrokerProcess.start();
  const stop = new AbortController();
  const random = seededRandom(seed);
  const context: LoadContext = {
    broker,
    findings: new Findings(),
    inFlight: new InFlight(),
    random: seededRandom(seed + 1),
    stopping: stop.signal,
  };
  try {
    const { loads, compacted } = await prepare(context);
    const working = Promise.all(loads.map((load) => load.run()));
    const inFlight = await Promise.race([
      killAgainAndAgain(context, compacted, random, options),
      // No load ends by itself but by failing.
      working.then(() => Promise.reject(new Error('a load ended early'))),
    ]);
    stop.abort();
    await working;
    await check(context, loads);
    const { compactions } = broker;
    const { comparisons } = compacted;
    const described = loads.map((load) => `${load.name}: ${load.describe()}`);
    return { kills, inFlight, compactions, comparisons, findings: context.findings, loads: described };
  } finally {
    stop.abort();
    await broker.close();
  }
}

interface Loads {
  readonly loads: readonly Load[];
  readonly compacted: CompactedLoad;
}

async function prepare(context: LoadContext): Promise<Loads> {
  const client = await context.broker.connect();
  const compacted = await CompactedLoad.prepare(context, client);
  const loads = [
    await OrderedLoad.prepare(context, client),
    await TransactionalLoad.prepare(context, client),
    new GroupLoad(context),
    compacted,
  ];
  await client.close();
  return { loads, compacted };
}

/** Answers how many of the kills came within 5 ms of an unacknowledged write. */
async function killAgainAndAgain(
  { broker, inFlight }: LoadContext,
  compacted: CompactedLoad,
  random: SeededRandom,
  { kills, progress }: ChaosOptions,
): Promise<number> {
  let count = 0;
  for (let kill = 1; kill <= kills; kill++) {
    await delay(MIN_PAUSE_MS + random.below(MAX_PAUSE_MS - MIN_PAUSE_MS));
    if (kill % KILLS_A_COMPARISON === 0) await compacted.compared();
    // Every other one right behind a write; the rest when it so happens.
    if (kill % 2 === 0) await inFlight.next();
    if (inFlight.youngestAgeMs() <= IN_FLIGHT_MS) count++;
    await broker.kill();
    await broker.startAgain();
    progress?.(kill);
  }
  return count;
}

/** Compares, before and after one more kill: nothing may depend on what the process remembers. */
async function check({ broker }: LoadContext, loads: readonly Load[]): Promise<void> {
  for (const again of [false, true]) {
    if (again) {
      await broker.kill();
      await broker.startAgain();
    }
    const client = await broker.connect();
    for (const load of loads) await load.check(client);
    await client.close();
  }
}
