import type { KafkaClient } from '@playhead/stream-core/client';
import { describeLoad } from '../environment.ts';
import { median, ratioRange } from '../percentile.ts';
import type { Contestant } from './contestants.ts';
import { startJob } from './run-job.ts';
import { PARTITIONS } from './workload.ts';

/** Records per CPU-second of a contestant, one number a round. */
export interface Rates {
  readonly whole: number[];
  readonly warm: number[];
}

/** What one round of the throughput needs. */
export interface ThroughputRound {
  readonly client: KafkaClient;
  readonly brokers: string;
  readonly topic: string;
  readonly records: number;
  readonly wrap: readonly string[];
}

/** Runs one contestant over the topic and prints what it took. Throws when its output has fewer records than its input. */
export async function measureThroughput(
  round: ThroughputRound,
  contestant: Contestant,
): Promise<Record<keyof Rates, number>> {
  const { client, brokers, topic } = round;
  const records = Math.round(round.records * contestant.share);
  const job = await startJob(client, contestant, round.wrap, { brokers, topic, records, aim: 'throughput' });
  const { records: taken, whole, secondHalf, processCpuSeconds, residentMB } = await job.result;
  const outputs = await recordsIn(client, `${job.application}-out`);
  if (outputs < taken) throw new Error(`${contestant.name} took ${taken} records and wrote ${outputs}`);
  await job.clean();
  const rates = { whole: taken / whole.cpuSeconds, warm: records / 2 / secondHalf.cpuSeconds };
  console.log(
    `  ${contestant.name.padEnd(22)}${format(rates.whole)} whole ${format(rates.warm)} warm   ` +
      `${taken} in, ${outputs} out; CPU ${whole.cpuSeconds.toFixed(1)} s (process ${processCpuSeconds.toFixed(1)}), ` +
      `wall ${whole.wallSeconds.toFixed(1)} s, ${residentMB.toFixed(0)} MB, ${describeLoad()}`,
  );
  return rates;
}

/** Ends of all partitions: of a transactional writer, its markers too. */
async function recordsIn(client: KafkaClient, topic: string): Promise<number> {
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition }));
  const ends = await client.listOffsets(partitions, 'latest');
  return ends.reduce((sum, { offset }) => sum + offset, 0);
}

/** Whole records, with separators. */
export const format = (rate: number): string => Math.round(rate).toLocaleString('en').padStart(10);

/** Pairs whose ratio is asked for, and what it should be; of `warm` where it is said. */
const GOALS: readonly (readonly [name: string, peer: string, whole: number, warm?: number])[] = [
  ['stream-core', 'kafka-streams', 4, 3],
  ['stream-core lmdb', 'kafka-streams rocksdb', 2],
  ['stream-core eos', 'stream-core', 0.8],
  ['stream-core eos', 'kafka-streams eos', 0],
  ['stream-core', 'kafkajs', 0],
  ['stream-core', 'flow', 30],
];

/** The medians, and the ratios of what ran in the same round, least to most. */
export function reportThroughput(rates: ReadonlyMap<string, Rates>): void {
  console.log('\nrecords per CPU-second, median of the rounds');
  for (const [name, { whole, warm }] of rates)
    console.log(`  ${name.padEnd(22)}${format(median(whole))} whole ${format(median(warm))} warm`);
  console.log('ratios within a round: median (least to most)');
  for (const [name, peer, ...goals] of GOALS) {
    const [ours, theirs] = [rates.get(name), rates.get(peer)];
    if (ours === undefined || theirs === undefined) continue;
    for (const [at, part] of (['whole', 'warm'] as const).entries()) {
      const ratios = ours[part].map((rate, round) => rate / theirs[part][round]!);
      const goal = goals[at] === undefined || goals[at] === 0 ? '' : `, goal ${goals[at]}`;
      console.log(`  ${name} / ${peer}, ${part}: ${ratioRange(ratios)}${goal}`);
    }
  }
}
