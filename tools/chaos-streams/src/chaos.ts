/**
 * The order of events: broker, proxy, topics, three instances, first profiles, load, faults, the end of the load, last
 * beats, beats that close the windows; then everything is read and judged.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordsNoted } from './application/journal.ts';
import type { BrokerUnderTest } from './broker/broker-under-test.ts';
import { startEmbeddedBroker } from './broker/embedded-broker.ts';
import { foreignBroker, startRealBroker } from './broker/real-broker.ts';
import { FaultSchedule } from './faults/fault-schedule.ts';
import { Guardian } from './guardian.ts';
import { Instances } from './instances.ts';
import { Load } from './load.ts';
import type { ChaosOptions } from './options.ts';
import { startRedis } from './redis-server.ts';
import type { RedisUnderTest } from './redis-server.ts';
import { judge } from './oracle/judge.ts';
import { TcpProxy } from './proxy/tcp-proxy.ts';
import { GroupProgress } from './reading/group-progress.ts';
import type { Place } from './reading/group-progress.ts';
import { readInput } from './reading/read-input.ts';
import { WorkloadReader } from './reading/workload-reader.ts';
import type { ChaosReport } from './report.ts';
import { seededRandom } from './seeded-random.ts';
import type { SeededRandom } from './seeded-random.ts';
import { instanceSettings } from './timing.ts';
import { PARTITIONS, repartitionTopicOf, topicsOf } from './workload.ts';

/** How long the application may take to commit what was in its inputs; generous, because the machine may be busy. */
const PROGRESS_TIMEOUT_MS = 120_000;
const INSTANCES = 3;
const PROGRESS_LINE_MS = 5_000;
/** Between two faults. */
const MAX_PAUSE_MS = 10_000;

/** Runs it. Rejects when something other than the application fails. `progress` is called with a line now and then. */
export async function chaos(options: ChaosOptions, progress: (line: string) => void): Promise<ChaosReport> {
  const directory = await mkdtemp(join(tmpdir(), 'chaos-streams-'));
  const guardian = new Guardian();
  if (options.keep) progress(`logs and data stay in ${directory}`);
  else guardian.tell({ removeDirectory: directory });
  const run = new ChaosRun(options, directory, guardian, progress);
  try {
    return await run.run();
  } finally {
    await run.close();
    guardian.close();
    if (!options.keep) await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What a run consists of. */
interface Parts {
  readonly broker: BrokerUnderTest;
  readonly proxy: TcpProxy;
  readonly load: Load;
  readonly group: GroupProgress;
  readonly instances: Instances;
  readonly faults: FaultSchedule;
  readonly random: SeededRandom;
  readonly sessionTimeoutMs: number;
}

class ChaosRun {
  readonly #options: ChaosOptions;
  readonly #directory: string;
  readonly #guardian: Guardian;
  readonly #progress: (line: string) => void;
  readonly #applicationId: string;
  readonly #closers: (() => Promise<void> | void)[] = [];
  /** What did not get on in time. */
  readonly #stuck: string[] = [];

  constructor(options: ChaosOptions, directory: string, guardian: Guardian, progress: (line: string) => void) {
    this.#options = options;
    this.#directory = directory;
    this.#guardian = guardian;
    this.#progress = progress;
    this.#applicationId = `chaos-${options.seed}-${Date.now().toString(36)}`;
  }

  async run(): Promise<ChaosReport> {
    const parts = await this.#setUp();
    await parts.load.writeFirstProfiles();
    await this.#settle(parts.group, 'first profiles');
    const reporting = setInterval(() => this.#progress(progressLine(parts)), PROGRESS_LINE_MS);
    this.#closers.push(() => clearInterval(reporting));
    parts.load.start();
    await this.#doFaults(parts);
    await parts.load.stop();
    await this.#settle(parts.group, 'all of the load');
    const lastFrom = await parts.load.writeLastBeats();
    await this.#settle(parts.group, 'last beats');
    await parts.load.writeClosingBeats();
    await this.#settle(parts.group, 'closing beats');
    await this.#settleRepartition(parts.group);
    clearInterval(reporting);
    this.#progress(`${progressLine(parts)} | reading`);
    return this.#judge(parts, lastFrom);
  }

  async #setUp(): Promise<Parts> {
    const { seed, rate, guarantee, inPlace } = this.#options;
    const broker = await this.#startBroker();
    this.#closers.push(() => broker.close());
    const redis = await this.#startRedis();
    const proxy = await TcpProxy.listen();
    this.#closers.push(() => proxy.close());
    proxy.brokerPort = broker.port;
    const load = new Load(proxy.port, topicsOf(this.#applicationId), { seed, rate });
    this.#closers.push(() => load.close());
    await load.prepare(PARTITIONS);
    const group = new GroupProgress(this.#applicationId, () => broker.port);
    this.#closers.push(() => group.close());
    const settings = instanceSettings(this.#options, {
      directory: this.#directory,
      applicationId: this.#applicationId,
      port: proxy.port,
      redisUrl: redis?.url,
    });
    const instances = new Instances(settings, this.#guardian);
    this.#closers.push(() => instances.close());
    for (let count = 0; count < INSTANCES; count++) instances.start();
    const random = seededRandom(seed);
    const { sessionTimeoutMs } = settings('', 0);
    const faults = new FaultSchedule({ instances, broker, redis, proxy, random, sessionTimeoutMs, guarantee, inPlace });
    this.#closers.push(() => faults.close());
    return { broker, proxy, load, group, instances, faults, random, sessionTimeoutMs };
  }

  /** Some faults wait until the application has recovered from those before, others come while it does. */
  async #doFaults({ faults, group, random, sessionTimeoutMs }: Parts): Promise<void> {
    while (faults.counts.kills < this.#options.kills && this.#stuck.length === 0) {
      if (random.next() < 0.4) await this.#settle(group, `after ${JSON.stringify(faults.counts)}`);
      await new Promise((resolve) => setTimeout(resolve, random.below(Math.min(sessionTimeoutMs, MAX_PAUSE_MS))));
      await faults.next();
    }
    faults.end();
    await this.#settle(group, 'after the faults');
  }

  async #judge({ broker, proxy, load, instances, faults }: Parts, lastFrom: number): Promise<ChaosReport> {
    const { guarantee } = this.#options;
    const topics = topicsOf(this.#applicationId);
    const reader = await WorkloadReader.connect(broker.port);
    this.#closers.push(() => reader.close());
    const { input, inputRecords } = await readInput(reader, topics, { written: load.written, lastFrom });
    const findings = await judge(input, (output) => reader.read(topics[output]), guarantee === 'exactly_once');
    return {
      findings,
      stuck: [...this.#stuck, ...instances.failures],
      zombieWritesRefused: proxy.zombieWritesRefused,
      refusals: proxy.refusals,
      aborted: reader.aborted,
      faults: faults.counts,
      connectionsCut: proxy.connectionsCut,
      inputRecords,
      // Each beat is read once from its topic and once from the repartition topic.
      readAgain: {
        beats: recordsNoted(instances.journals.map(({ beats }) => beats)) - input.beats.length,
        countries: recordsNoted(instances.journals.map(({ countries }) => countries)) - input.beats.length,
      },
      recordsPerCommit: instances.recordsPerCommit,
    };
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).toReversed()) await close();
  }

  #startBroker(): Promise<BrokerUnderTest> {
    const { broker, bootstrap } = this.#options;
    const directory = join(this.#directory, 'broker');
    if (broker === 'embedded') return startEmbeddedBroker(directory, this.#guardian);
    return bootstrap === undefined
      ? startRealBroker(directory, this.#guardian)
      : Promise.resolve(foreignBroker(bootstrap));
  }

  async #startRedis(): Promise<RedisUnderTest | undefined> {
    if (this.#options.store !== 'redis') return undefined;
    const redis = await startRedis(join(this.#directory, 'redis'), this.#guardian);
    this.#closers.push(() => redis.close());
    return redis;
  }

  /** Waits until everything is committed that lies in the inputs now; what is not, in time, is stuck. */
  async #settle(group: GroupProgress, when: string): Promise<void> {
    if (this.#stuck.length > 0) return;
    const { beats, stops, profiles } = topicsOf(this.#applicationId);
    const places = placesOf(beats, stops, profiles);
    const signal = AbortSignal.timeout(PROGRESS_TIMEOUT_MS);
    const targets = await group.ends(places, signal);
    this.#noteStuck(await group.waitUntilCommitted(places, targets, signal), when);
  }

  /** Behind its records lie the markers of transactions, so that committed offsets do not reach its end. */
  async #settleRepartition(group: GroupProgress): Promise<void> {
    if (this.#stuck.length > 0) return;
    const places = placesOf(repartitionTopicOf(this.#applicationId));
    this.#noteStuck(await group.waitUntilRead(places, AbortSignal.timeout(PROGRESS_TIMEOUT_MS)), 'in the end');
  }

  #noteStuck(behind: readonly Place[], when: string): void {
    for (const { topic, partition } of behind) {
      this.#stuck.push(`${topic}-${partition} not committed within ${PROGRESS_TIMEOUT_MS} ms (${when})`);
      this.#progress(this.#stuck.at(-1) ?? '');
    }
  }
}

const placesOf = (...topics: readonly string[]): Place[] =>
  topics.flatMap((topic) => Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition })));

function progressLine({ faults, instances, load, proxy }: Parts): string {
  const done = Object.entries(faults.counts).map(([fault, count]) => `${fault} ${count}`);
  return (
    `${done.join(' ')} | instances ${instances.count} (${instances.frozenCount} frozen) written ${load.written} ` +
    `zombie-writes-refused ${proxy.zombieWritesRefused}`
  );
}
