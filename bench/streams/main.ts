import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { startTestBroker } from '@playhead/embedded-kafka/testing';
import { KafkaClient } from '@playhead/stream-core/client';
import { fillTopic } from './fill.ts';
import type { JobResult } from './result.ts';
import { PARTITIONS } from './workload.ts';

/**
 * `npm run bench:streams`: the windowed count on stream-core beside the same job by hand on plain kafkajs, alternating,
 * each in a process of its own, on the embedded broker (or on KAFKA_BROKERS) filled by our generator.
 */
const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '500000' },
    rounds: { type: 'string', default: '3' },
    profile: { type: 'boolean', default: false },
  },
});
const count = Number(values.records);
const rounds = Number(values.rounds);
const profileArguments = values.profile ? ['--cpu-prof', '--cpu-prof-dir', 'bench/profiles'] : [];

const embedded = process.env['KAFKA_BROKERS'] === undefined ? await startTestBroker() : undefined;
const brokers = process.env['KAFKA_BROKERS'] ?? `127.0.0.1:${embedded!.port}`;

function runJob(file: string, topic: string): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    const job = spawn(
      process.execPath,
      [...profileArguments, join(import.meta.dirname, file), brokers, topic, String(count)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let result: JobResult | undefined;
    createInterface({ input: job.stdout }).on('line', (line) => {
      if (line.startsWith('RESULT ')) result = JSON.parse(line.slice('RESULT '.length)) as JobResult;
      else console.log(line);
    });
    job.once('exit', (code) => {
      if (result === undefined) reject(new Error(`${file} ended with ${code} and no result`));
      else resolve(result);
    });
  });
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

const client = new KafkaClient({ brokers: brokers.split(','), clientId: 'bench' });
try {
  const rates = new Map<string, number[]>();
  for (let round = 1; round <= rounds; round++) {
    const topic = `bench.beats.${Date.now()}`;
    const outputs = ['out', 'changelog'].map((what) => `${topic}-${what}-kafkajs`);
    await client.createTopics(
      [topic, ...outputs, `${topic}-out-stream-core`].map((name) => ({ topic: name, partitions: PARTITIONS })),
    );
    await fillTopic(client, topic, count);
    for (const file of round % 2 === 0
      ? ['job-kafkajs.ts', 'job-stream-core.ts']
      : ['job-stream-core.ts', 'job-kafkajs.ts']) {
      const result = await runJob(file, topic);
      const rate = result.records / result.cpuSeconds;
      rates.set(result.contestant, [...(rates.get(result.contestant) ?? []), rate]);
      console.log(
        `round ${round} ${result.contestant.padEnd(12)} ${Math.round(rate).toLocaleString('en')} records per CPU-second ` +
          `(${result.records} in, ${result.outputs} out, ${result.cpuSeconds.toFixed(1)} s CPU, ${result.wallSeconds.toFixed(1)} s)`,
      );
    }
    await client.deleteTopics([topic, ...outputs]);
  }
  const [ours, peer] = ['stream-core', 'kafkajs'].map((name) => median(rates.get(name)!)) as [number, number];
  console.log(
    `median: stream-core ${Math.round(ours).toLocaleString('en')}, kafkajs ${Math.round(peer).toLocaleString('en')}, ratio ${(ours / peer).toFixed(2)}`,
  );
} finally {
  await client.close();
  await embedded?.close();
}
