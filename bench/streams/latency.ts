import { setTimeout as sleep } from 'node:timers/promises';
import { serdes } from '@playhead/stream-core';
import { type KafkaClient, partitionOfKey, RecordProducer, TailReader } from '@playhead/stream-core/client';
import { describeLoad } from '../environment.ts';
import { median, ms, percentile } from '../percentile.ts';
import type { Contestant } from './contestants.ts';
import { startJob } from './run-job.ts';
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
  /** How long is measured, after `WARM_UP_SECONDS`. */
  readonly seconds: number;
  readonly wrap: readonly string[];
}

/** Of every contestant: that long the rate runs before it counts, for compilers and for the first windows. */
const WARM_UP_SECONDS = 15;
/** The last counts are waited for so long. */
const DRAIN_MS = 20_000;
const WINDOW_START_BYTES = 8;
const KEY_PREFIX = 't1/acc-';

/**
 * Sends records at a fixed rate, each of an account that had none yet, and reads the counts: the time from when a record
 * was due until its count was read, so that a load that is late is not hidden. Prints and returns p50 and p99.
 */
export async function measureLatency(
  round: LatencyRound,
  contestant: Contestant,
): Promise<{ readonly p50: number; readonly p99: number }> {
  const { client, brokers, rate, seconds } = round;
  const [warmUp, total] = [rate * WARM_UP_SECONDS, rate * (WARM_UP_SECONDS + seconds)];
  if (total > ACCOUNTS) throw new RangeError(`${total} records; allowed: as many as there are accounts, ${ACCOUNTS}`);
  const topic = `bench-in-${process.pid}-${performance.now().toFixed(0)}`;
  await client.createTopics([{ topic, partitions: PARTITIONS }]);
  const job = await startJob(client, contestant, round.wrap, { brokers, topic, records: 0, aim: 'latency' });
  const due = new Float64Array(total).fill(Number.NaN);
  const taken: number[] = [];
  let read = 0;
  const all = Promise.withResolvers<void>();
  const reader = new TailReader(client, {
    topic: { name: `${job.application}-out`, key: serdes.bytes, value: serdes.bytes },
    from: 'earliest',
    isolation: 'read_uncommitted',
    onRecord: ({ key }) => {
      const now = performance.now();
      const account = Number(Buffer.from(key!).toString('latin1', KEY_PREFIX.length, key!.length - WINDOW_START_BYTES));
      if (account >= warmUp) taken.push(now - due[account]!);
      if (++read === total) all.resolve();
    },
    onError: (error) => {
      throw error;
    },
  });
  await reader.start();
  await sendAtRate(client, topic, rate, due);
  const enough = new AbortController();
  await Promise.race([all.promise, sleep(DRAIN_MS, undefined, { signal: enough.signal })]);
  enough.abort();
  job.stop();
  await job.result;
  await reader.close();
  await job.clean();
  await client.deleteTopics([topic]);
  if (read < total) throw new Error(`${contestant.name}: ${total} records sent, ${read} counts read`);
  const [p50, p99] = [percentile(taken, 0.5), percentile(taken, 0.99)];
  console.log(
    `  ${contestant.name.padEnd(22)} p50 ${ms(p50)}  p90 ${ms(percentile(taken, 0.9))}  p99 ${ms(p99)}  max ${ms(percentile(taken, 1))}   ` +
      `${taken.length} of ${total} records measured, ${describeLoad()}`,
  );
  return { p50, p99 };
}

/** One record of every account in turn; notes when each was due. */
async function sendAtRate(client: KafkaClient, topic: string, rate: number, due: Float64Array): Promise<void> {
  const producer = new RecordProducer(client, { lingerMs: 0 });
  const encode = beatEncoder();
  const startedAt = performance.now();
  const failures: unknown[] = [];
  for (let account = 0; account < due.length;) {
    const now = performance.now();
    for (; account < due.length; account++) {
      const dueAt = startedAt + (account * 1000) / rate;
      if (dueAt > now) break;
      due[account] = dueAt;
      const timestamp = Date.now();
      const key = accountKey(account);
      const record = { topic, key, partition: partitionOfKey(key, PARTITIONS), timestamp };
      producer
        .send({ ...record, value: Buffer.from(encode(account, account, timestamp)) })
        .catch((error: unknown) => failures.push(error));
    }
    await sleep(1);
  }
  await producer.close();
  if (failures.length > 0) throw failures[0];
}

/** The medians over the rounds. */
export function reportLatency(latencies: ReadonlyMap<string, Latencies>): void {
  console.log('\nin → job → out, median of the rounds');
  for (const [name, { p50, p99 }] of latencies)
    console.log(`  ${name.padEnd(22)} p50 ${ms(median(p50))}  p99 ${ms(median(p99))}`);
}
