import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLine } from '@playhead/chaos-streams/testing';
import { KafkaClient } from '@playhead/stream-core/client';
import { startApacheKafka } from '../broker/contestants.ts';
import { describeEnvironment, describeLoad } from '../environment.ts';
import { PARTITIONS, SEED, WINDOW_MS } from '../streams/workload.ts';
import { growth, summarise, type SoakMinute } from './memory-trend.ts';
import { KEPT_BYTES, type SoakReport } from './messages.ts';

/**
 * `npm run soak:streams -- --minutes 20`: the windowed count with stores in memory at full rate, its windows expiring all the time, on an Apache Kafka started for it (or on KAFKA_BROKERS).
 * Prints memory for every minute, and in the end how much heap and resident memory grew from the first third of the minutes to the last one; exits with 1 when that is more than `--allowed` per cent.
 */
const HELP = `The windowed count at full rate, its windows expiring all the time: does memory grow?

Usage: npm run soak:streams -- [options]

  --minutes N    how long (20)
  --allowed N    per cent that memory may grow by (10)
  --help         this text

A line a minute, in MB: heap floor and peak (least and most in use), buffers outside the heap, resident memory. Growth is that from
the first third of the minutes to the last. Exit code 1: more than is allowed. KAFKA_BROKERS names brokers that run already.`;

const values = commandLine(HELP, {
  minutes: { type: 'string', default: '20' },
  allowed: { type: 'string', default: '10' },
});
const [minutes, allowed] = [Number(values.minutes), Number(values.allowed) / 100];
if (!Number.isSafeInteger(minutes) || minutes < 1)
  throw new RangeError(`--minutes ${values.minutes}; allowed: whole numbers from 1`);
const WARM_UP_MINUTES = 2;
const MINUTE_MS = 60_000;

const given = process.env['KAFKA_BROKERS'];
const kafka = given === undefined ? await startApacheKafka([]) : undefined;
if (typeof kafka === 'string') throw new Error(`no Apache Kafka: ${kafka}`);
const brokers = given ?? `127.0.0.1:${kafka!.port}`;
console.log(`${describeEnvironment()}; ${kafka?.name ?? `brokers ${brokers}`}; seed ${SEED}`);

const client = new KafkaClient({ brokers: brokers.split(','), clientId: 'soak' });
const name = `soak-${process.pid}`;
const [input, output] = [`${name}-in`, `${name}-out`];
await client.createTopics(
  [input, output].map((topic) => ({
    topic,
    partitions: PARTITIONS,
    configs: { ...KEPT_BYTES, 'retention.ms': '-1' },
  })),
);
const start = (script: string, ...args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
const application = start('application.ts', brokers, name, input, output);
const load = start('load.ts', brokers, input, String(minutes * MINUTE_MS));

let reports: SoakReport[] = [];
application.on('message', (report: SoakReport) => {
  reports.push(report);
  load.send(report.records);
});
const ended = Promise.race(
  [application, load].map(async (child) => {
    const [code] = (await once(child, 'exit')) as [number | null];
    throw new Error(`${child.spawnargs[1]} ended with ${code}`);
  }),
);
ended.catch(() => undefined);

const megabytes = (value: number): string => value.toFixed(0).padStart(7);
const rate = (value: number): string => Math.round(value).toLocaleString('en').padStart(10);
try {
  const all: SoakMinute[] = [];
  await Promise.race([once(application, 'message'), ended]);
  let before = reports.at(-1)!;
  console.log('minute   records/s    /CPU-s  heap floor   peak  buffers  resident (MB)');
  for (let minute = 1; minute <= minutes; minute++) {
    reports = [];
    await Promise.race([sleep(MINUTE_MS), ended]);
    const found = summarise(before, reports, MINUTE_MS / 1000);
    before = reports.at(-1) ?? before;
    all.push(found);
    const { heapFloor, heapPeak, buffers, resident } = found;
    console.log(
      `${String(minute).padStart(6)}  ${rate(found.recordsPerSecond)}${rate(found.recordsPerCpuSecond)}     ${megabytes(heapFloor)}${megabytes(heapPeak)}  ` +
        `${megabytes(buffers)}   ${megabytes(resident)}   ${describeLoad()}`,
    );
  }
  const [heap, resident] = (['heapFloor', 'resident'] as const).map((part) =>
    growth(
      all.map((found) => found[part]),
      WARM_UP_MINUTES,
    ),
  ) as [number, number];
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  console.log(
    `${before.records.toLocaleString('en')} records, windows of ${WINDOW_MS / 1000} s over 22 hours of event time; growth from the first third after ${WARM_UP_MINUTES} minutes to the last: ` +
      `heap ${percent(heap)}, resident ${percent(resident)}; allowed ${percent(allowed)}`,
  );
  if (Math.max(heap, resident) > allowed) process.exitCode = 1;
} finally {
  application.removeAllListeners('message');
  load.kill();
  application.kill();
  await client.close();
  await kafka?.close();
}
