import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine, numberOption, optionsOrExit } from '@playhead/chaos-streams/testing';
import { createTopicsApi, incrementalAlterConfigsApi, produceApi, RecordBatchWriter } from '@playhead/kafka-protocol';
import { RawClient } from '@playhead/embedded-kafka/testing';
import { ms, percentile } from '../percentile.ts';
import type { CompactionMessage } from './compaction-host.ts';

// `node bench/broker/compaction.ts`: how long a single send waits while the broker compacts a large log, beside how long it waits without.
const HELP = `How long a single send waits while the development broker compacts a large log, beside how long it waits without.

Usage: node bench/broker/compaction.ts [options]

  --records N   records of the log that is compacted (2000000)
  --keys N      keys among them: so many are left (100000)
  --help        this text

  longest slice   the longest time for which a pass kept the broker from everything else
  without         single sends, one after the other, before anything is compacted
  during          the same until all of the log is compacted
Exit code 2: an option is wrong.`;

const values = commandLine(HELP, {
  records: { type: 'string', default: '2000000' },
  keys: { type: 'string', default: '100000' },
});
const numberOf = (name: 'records' | 'keys'): number =>
  optionsOrExit(() => numberOption(`--${name}`, values[name], 1, 1_000_000_000));
const [records, keys] = [numberOf('records'), numberOf('keys')];
const RECORDS_PER_BATCH = 150;
const VALUE = '.'.repeat(80);
const SINGLES = 3000;
const TOPIC_RESOURCE = 2;
const SET = 0;

const dataDir = await mkdtemp(join(tmpdir(), 'playhead-compaction-'));
const child = fork(join(import.meta.dirname, 'compaction-host.ts'), [dataDir], { execArgv: [], stdio: 'inherit' });
const [{ port = 0 }] = (await once(child, 'message')) as [CompactionMessage];
const client = await RawClient.connect(port);
for (const name of ['table', 'singles']) {
  const topics = [{ name, numPartitions: 1, replicationFactor: 1 }];
  const [topic] = (await client.send(createTopicsApi, 4, { topics })).topics;
  if (topic?.errorCode !== 0) throw new Error(`topic ${name}: ${topic?.errorMessage}`);
}

const writer = new RecordBatchWriter();
let written = 0;
async function send(topic: string, count: number): Promise<void> {
  writer.reset();
  for (let i = 0; i < count; i++) writer.append(Date.now(), `key ${(written++ * 7919) % keys}`, VALUE);
  const topicData = [{ name: topic, partitionData: [{ index: 0, records: writer.seal() }] }];
  const answer = await client.send(produceApi, 7, { acks: -1, timeoutMs: 5000, topicData });
  const errorCode = answer.responses[0]?.partitionResponses[0]?.errorCode;
  if (errorCode !== 0) throw new Error(`produce to ${topic}: error ${errorCode}`);
}

async function timed(): Promise<number> {
  const started = performance.now();
  await send('singles', 1);
  return performance.now() - started;
}

const line = (what: string, sends: readonly number[]): string =>
  `${what}: ${sends.length} single sends, p50 ${ms(percentile(sends, 0.5))}, p99 ${ms(percentile(sends, 0.99))}, longest ${ms(Math.max(...sends))}\n`;

while (written < records) await send('table', RECORDS_PER_BATCH);
const end = written;
for (let i = 0; i < SINGLES; i++) await timed();
const alone: number[] = [];
for (let i = 0; i < SINGLES; i++) alone.push(await timed());

const passes: NonNullable<CompactionMessage['compacted']>[] = [];
child.on('message', ({ compacted }: CompactionMessage) => {
  if (compacted !== undefined) passes.push(compacted);
});
const configs = [
  { name: 'cleanup.policy', configOperation: SET, value: 'compact' },
  { name: 'min.cleanable.dirty.ratio', configOperation: SET, value: '0.01' },
];
await client.send(incrementalAlterConfigsApi, 0, {
  resources: [{ resourceType: TOPIC_RESOURCE, resourceName: 'table', configs }],
});
const started = performance.now();
const during: number[] = [];
while ((passes.at(-1)?.upTo ?? 0) < end) during.push(await timed());
const seconds = (performance.now() - started) / 1000;

const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const longestSliceMs = Math.max(...passes.map((pass) => pass.longestSliceMs));
process.stdout.write(
  `compaction of ${end} records with ${keys} keys, ${mb(passes[0]?.bytesBefore ?? 0)} to ${mb(passes.at(-1)?.bytes ?? 0)}: ${passes.length} passes in ${seconds.toFixed(1)} s, longest slice ${longestSliceMs} ms\n`,
);
process.stdout.write(`load average ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} processors\n`);
process.stdout.write(line('without', alone));
process.stdout.write(line('during ', during));
await client.close();
child.kill('SIGKILL');
await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
