import { readFileSync } from 'node:fs';
import { commandLine } from '@playhead/chaos-streams/testing';
import { RawClient } from '@playhead/embedded-kafka/testing';
import { treeCpuSeconds } from '../cpu-time.ts';
import { percentile } from '../percentile.ts';
import { pinning } from '../pinning.ts';
import { type Contestant, startApacheKafka, startEmbedded } from './contestants.ts';
import { consumeRecords, createTopic, produceRecords, sendSingles } from './raw-load.ts';

/**
 * `npm run bench:broker`: records per CPU-second of the broker's process, produced (16 KB batches, acks all) and consumed by a raw client, the time of a single send,
 * and memory, for the development broker and for an Apache Kafka one after the other.
 */
const HELP = `Records per CPU-second of the development broker, a single send, and memory, beside an Apache Kafka.

Usage: npm run bench:broker -- [options]

  --records N    produced and consumed (10000000)
  --singles N    single sends (3000)
  --alone        without the Apache Kafka
  --help         this text

The columns are ours, the Apache Kafka's and the ratio of the two.`;

const values = commandLine(HELP, {
  records: { type: 'string', default: '10000000' },
  singles: { type: 'string', default: '3000' },
  alone: { type: 'boolean', default: false },
});
const records = Number(values.records);
const singles = Number(values.singles);
/** So much of what is measured goes before it. */
const WARM_UP = 0.2;
const SENDS_A_TURN = 50;

interface Measurement {
  readonly name: string;
  readonly produced: number;
  readonly consumed: number;
  readonly produceWallSeconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly residentMb: number;
  readonly startMs: number;
}

/** Topics, and everything once that is measured later: a virtual machine compiles what it runs often. */
async function warmUp({ port }: Contestant): Promise<void> {
  const client = await RawClient.connect(port);
  for (const topic of ['bench', 'warm', 'singles']) await createTopic(client, topic);
  await client.close();
  // A new topic's partitions need a moment on Apache Kafka.
  for (let answered = false; !answered;) {
    answered = await sendSingles(port, 'warm', 8).then(
      () => true,
      () => false,
    );
  }
  await produceRecords(port, 'warm', records * WARM_UP);
  await consumeRecords(port, 'warm');
  await sendSingles(port, 'singles', singles);
}

/** Single sends in turns, so that what else the machine does hits all alike. */
async function measureSends(contestants: readonly Contestant[]): Promise<readonly (readonly number[])[]> {
  const times = contestants.map((): number[] => []);
  for (let sent = 0; sent < singles; sent += SENDS_A_TURN) {
    for (const [index, { port }] of contestants.entries()) {
      times[index]!.push(...(await sendSingles(port, 'singles', SENDS_A_TURN)));
    }
  }
  return times;
}

async function measure({ name, port, pid, startMs }: Contestant, sends: readonly number[]): Promise<Measurement> {
  const beforeProduce = treeCpuSeconds(pid);
  const started = performance.now();
  const produced = await produceRecords(port, 'bench', records);
  const produceWallSeconds = (performance.now() - started) / 1000;
  const beforeConsume = treeCpuSeconds(pid);
  const consumed = await consumeRecords(port, 'bench');
  const afterConsume = treeCpuSeconds(pid);
  if (consumed !== produced) throw new Error(`${name}: ${produced} records produced, ${consumed} consumed`);
  return {
    name,
    produced: produced / (beforeConsume - beforeProduce),
    consumed: consumed / (afterConsume - beforeConsume),
    produceWallSeconds,
    p50Ms: percentile(sends, 0.5),
    p99Ms: percentile(sends, 0.99),
    residentMb: residentMb(pid),
    startMs,
  };
}

function residentMb(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

const rate = (value: number): string => Math.round(value).toLocaleString('en');

/** One line a measure: ours, theirs and, where there is a goal, ours as a part of theirs. */
function print(ours: Measurement, theirs: Measurement | undefined): void {
  const line = (
    what: string,
    show: (one: Measurement) => string,
    ratio?: (a: Measurement, b: Measurement) => number,
  ): void => {
    const peer = theirs === undefined ? '' : `  ${show(theirs).padStart(14)}`;
    const compared = theirs === undefined || ratio === undefined ? '' : `  ${ratio(ours, theirs).toFixed(2)}`;
    console.log(`${what.padEnd(46)}${show(ours).padStart(14)}${peer}${compared}`);
  };
  console.log(`${''.padEnd(46)}${ours.name.padStart(14)}${theirs === undefined ? '' : `  ${theirs.name}  ratio`}`);
  line(
    'produced records per CPU-second',
    (one) => rate(one.produced),
    (a, b) => a.produced / b.produced,
  );
  line(
    'consumed records per CPU-second',
    (one) => rate(one.consumed),
    (a, b) => a.consumed / b.consumed,
  );
  line(`seconds for ${rate(records)} records`, (one) => one.produceWallSeconds.toFixed(1));
  line('a single send, median', (one) => `${one.p50Ms.toFixed(2)} ms`);
  line(
    'a single send, p99',
    (one) => `${one.p99Ms.toFixed(2)} ms`,
    (a, b) => a.p99Ms / b.p99Ms,
  );
  line(`resident memory after ${rate(records * (1 + WARM_UP))} records`, (one) => `${Math.round(one.residentMb)} MB`);
  line('start on an empty directory', (one) => `${Math.round(one.startMs)} ms`);
}

const { underTest, described } = pinning();
console.log(described);

const contestants: Contestant[] = [await startEmbedded(underTest)];
try {
  const kafka = values.alone ? '--alone' : await startApacheKafka(underTest);
  if (typeof kafka === 'string') console.log(`without Apache Kafka: ${kafka}`);
  else contestants.push(kafka);
  for (const contestant of contestants) await warmUp(contestant);
  const sends = await measureSends(contestants);
  const measurements: Measurement[] = [];
  for (const [index, contestant] of contestants.entries()) measurements.push(await measure(contestant, sends[index]!));
  print(measurements[0]!, measurements[1]);
} finally {
  for (const contestant of contestants) await contestant.close();
}
