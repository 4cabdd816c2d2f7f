import { setTimeout as sleep } from 'node:timers/promises';
import { serdes } from '@playhead/stream-core';
import { type KafkaClient, partitionOfKey, RecordProducer, TailReader } from '@playhead/stream-core/client';
import { describeLoad } from '../environment.ts';
import { median, ms, percentile, ratioRange } from '../percentile.ts';
import type { Contestant } from './contestants.ts';
import { type RunningJob, startJob } from './run-job.ts';
import { ACCOUNTS, accountKey, beatEncoder, PARTITIONS } from './workload.ts';

/** Milliseconds, one number a round. */
export interface Latencies {
  readonly p50: number[];
  readonly p99: number[];
}

/** What one round of the latency needs. */
export interface LatencyRound {
  readonly client: KafkaClient;
  readonly brokers: string;
  /** Records a second. */
  readonly rate: number;
  /** How long each contestant is measured, after `WARM_UP_SECONDS`. */
  readonly seconds: number;
  readonly wrap: readonly string[];
}

/** Of every contestant: that long the rate runs before it counts, for compilers and for the first windows. */
const WARM_UP_SECONDS = 15;
/** The last counts of a turn are waited for so long. */
const DRAIN_MS = 20_000;
const WINDOW_START_BYTES = 8;
const KEY_PREFIX = 't1/acc-';

/**
 * Sends records at a fixed rate, each of an account that had none yet, and reads the counts: the time from when a record
 * was due until its count was read, so that a load that is late is not hidden. All contestants run; they get the load by
 * turns of a second, each when the one before it has counted all it got, so that a machine that becomes slower does so for
 * all of them. Prints and returns p50 and p99 by name.
 */
export async function measureLatency(
  round: LatencyRound,
  contestants: readonly Contestant[],
): Promise<Map<string, { readonly p50: number; readonly p99: number }>> {
  const { rate, seconds } = round;
  const total = rate * (WARM_UP_SECONDS + seconds);
  if (total > ACCOUNTS) throw new RangeError(`${total} records; allowed: as many as there are accounts, ${ACCOUNTS}`);
  const runners: LatencyRunner[] = [];
  try {
    for (const contestant of contestants) runners.push(await LatencyRunner.start(round, contestant, total));
    for (let turn = 0; turn < WARM_UP_SECONDS + seconds; turn++)
      for (const runner of turn % 2 === 0 ? runners : runners.toReversed())
        await runner.run(rate, turn >= WARM_UP_SECONDS);
  } finally {
    await Promise.allSettled(runners.map((runner) => runner.close()));
  }
  return new Map(runners.map((runner) => [runner.name, runner.report()]));
}

/** A contestant at work, what it was sent and what came of it. */
class LatencyRunner {
  readonly name: string;
  readonly #client: KafkaClient;
  readonly #topic: string;
  readonly #job: RunningJob;
  readonly #reader: TailReader<Uint8Array, Uint8Array>;
  readonly #producer: RecordProducer;
  readonly #encode = beatEncoder();
  /** By account: when its record was due. */
  readonly #due: Float64Array;
  #sent = 0;
  #read = 0;
  #isMeasured = false;
  readonly #taken: number[] = [];
  #failure: Error | undefined;
  #allRead: () => void = () => {};

  private constructor(client: KafkaClient, name: string, topic: string, job: RunningJob, total: number) {
    this.name = name;
    this.#client = client;
    this.#topic = topic;
    this.#job = job;
    this.#due = new Float64Array(total);
    this.#producer = new RecordProducer(client, { lingerMs: 0 });
    this.#reader = new TailReader(client, {
      topic: { name: `${job.application}-out`, key: serdes.bytes, value: serdes.bytes },
      from: 'earliest',
      isolation: 'read_uncommitted',
      onRecord: ({ key }) => this.#note(key!),
      onError: (error) => (this.#failure ??= error),
    });
  }

  static async start(
    { client, brokers, wrap }: LatencyRound,
    contestant: Contestant,
    total: number,
  ): Promise<LatencyRunner> {
    const topic = `bench-in-${process.pid}-${performance.now().toFixed(0)}`;
    await client.createTopics([{ topic, partitions: PARTITIONS }]);
    const job = await startJob(client, contestant, wrap, { brokers, topic, records: 0, aim: 'latency' });
    const runner = new LatencyRunner(client, contestant.name, topic, job, total);
    await runner.#reader.start().catch(async (error: unknown) => {
      await runner.close();
      throw error;
    });
    return runner;
  }

  /** Sends for a second, one record of every account in turn, and waits until all are counted. Rejects when they are not. */
  async run(rate: number, isMeasured: boolean): Promise<void> {
    this.#isMeasured = isMeasured;
    const startedAt = performance.now();
    for (let index = 0; index < rate;) {
      const now = performance.now();
      for (; index < rate; index++) {
        const dueAt = startedAt + (index * 1000) / rate;
        if (dueAt > now) break;
        this.#send(dueAt);
      }
      await sleep(1);
    }
    const allRead = new Promise<void>((resolve) => (this.#allRead = resolve));
    const enough = new AbortController();
    if (this.#read < this.#sent) await Promise.race([allRead, sleep(DRAIN_MS, undefined, { signal: enough.signal })]);
    enough.abort();
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#read < this.#sent) throw new Error(`${this.name}: ${this.#sent} records sent, ${this.#read} counts read`);
  }

  report(): { readonly p50: number; readonly p99: number } {
    const taken = this.#taken;
    const [p50, p99] = [percentile(taken, 0.5), percentile(taken, 0.99)];
    console.log(
      `  ${this.name.padEnd(22)} p50 ${ms(p50)}  p90 ${ms(percentile(taken, 0.9))}  p99 ${ms(p99)}  max ${ms(percentile(taken, 1))}   ` +
        `${taken.length} of ${this.#sent} records measured, ${describeLoad()}`,
    );
    return { p50, p99 };
  }

  async close(): Promise<void> {
    this.#job.stop();
    await this.#producer.close();
    await this.#job.result;
    await this.#reader.close();
    await this.#job.clean();
    await this.#client.deleteTopics([this.#topic]);
  }

  #send(dueAt: number): void {
    const account = this.#sent++;
    this.#due[account] = dueAt;
    const timestamp = Date.now();
    const key = accountKey(account);
    const record = { topic: this.#topic, key, partition: partitionOfKey(key, PARTITIONS), timestamp };
    this.#producer
      .send({ ...record, value: Buffer.from(this.#encode(account, account, timestamp)) })
      .catch((error: Error) => (this.#failure ??= error));
  }

  #note(key: Uint8Array): void {
    const now = performance.now();
    const account = Number(Buffer.from(key).toString('latin1', KEY_PREFIX.length, key.length - WINDOW_START_BYTES));
    if (this.#isMeasured) this.#taken.push(now - this.#due[account]!);
    if (++this.#read === this.#sent) this.#allRead();
  }
}

/** The medians over the rounds, and how ours compares with Kafka Streams' within each of them, least to most. */
export function reportLatency(latencies: ReadonlyMap<string, Latencies>): void {
  console.log('\nin → job → out, median of the rounds');
  for (const [name, { p50, p99 }] of latencies)
    console.log(`  ${name.padEnd(22)} p50 ${ms(median(p50))}  p99 ${ms(median(p99))}`);
  const [ours, theirs] = [latencies.get('stream-core'), latencies.get('kafka-streams')];
  if (ours === undefined || theirs === undefined) return;
  for (const part of ['p50', 'p99'] as const) {
    const ratios = ours[part].map((taken, round) => taken / theirs[part][round]!);
    console.log(`  stream-core / kafka-streams within a round, ${part}: ${ratioRange(ratios)}, goal 1`);
  }
}
