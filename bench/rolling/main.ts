import { spawnSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { commandLine } from '@playhead/chaos-streams/testing';
import { KafkaClient } from '@playhead/stream-core/client';
import { startApacheKafka, startEmbedded } from '../broker/contestants.ts';
import { describeEnvironment, describeLoad } from '../environment.ts';
import { pinning } from '../pinning.ts';
import { Instance } from '../takeover/child.ts';
import { OutputGaps, SteadyLoad } from './load.ts';

/**
 * `npm run bench:rolling`: three instances of a counting application are restarted one after another under a steady
 * load, as in a deployment; prints the longest time in which no output came.
 */
const INSTANCES = 3;
const PARTITIONS = 6;
/** Between two restarts, and before the first one: what the load is like otherwise. */
const SETTLE_MS = 5_000;
const DRAIN_MS = 20_000;
const POLL_MS = 20;

const HELP = `Three instances of a counting application are restarted one after another under a steady load, as in a deployment.

Usage: npm run bench:rolling -- [options]

  --rate N         records a second (5000)
  --rounds N       rolling restarts (3)
  --standbys N     copies of each task's state (1)
  --guarantee G    at_least_once (default) or exactly_once
  --broker B       embedded (default) or real: an Apache Kafka started here
  --help           this text

Longest gap: time in which no output came at all, or none of one partition; longest delay: from a record's sending to its result.`;

const values = commandLine(HELP, {
  rate: { type: 'string', default: '5000' },
  rounds: { type: 'string', default: '3' },
  standbys: { type: 'string', default: '1' },
  guarantee: { type: 'string', default: 'at_least_once' },
  broker: { type: 'string', default: 'embedded' },
});
const [rate, rounds] = [Number(values.rate), Number(values.rounds)];
for (const number of [rate, rounds]) {
  if (!Number.isSafeInteger(number) || number < 1) throw new RangeError('--rate and --rounds are whole numbers from 1');
}

const { underTest: wrap, load: loadWrap, described } = pinning();
const kafka = values.broker === 'real' ? await startApacheKafka(wrap) : await startEmbedded(wrap);
if (typeof kafka === 'string') throw new Error(`no Apache Kafka: ${kafka}`);
console.log(`${describeEnvironment()}; ${kafka.name}; ${values.guarantee}, ${values.standbys} standbys`);
console.log(described.replace('services', 'instances'));
// The load is this process.
if (loadWrap.length > 0) spawnSync('taskset', ['-acp', loadWrap.at(-1) as string, String(process.pid)]);
const brokers = `127.0.0.1:${kafka.port}`;
const client = new KafkaClient({ brokers: [brokers], clientId: 'bench' });

let reports = 0;

/** Resolves when the tasks are spread evenly and nothing is about to move. */
async function balanced(instances: readonly Instance[]): Promise<void> {
  const even = PARTITIONS / instances.length;
  for (;;) {
    const all = await Promise.all(
      instances.map((instance) => {
        const id = ++reports;
        instance.tell({ type: 'report', id });
        return instance.hears('report', (report) => report.id === id);
      }),
    );
    if (all.every(({ running }) => running === even)) return;
    await setTimeout(POLL_MS);
  }
}

async function measure(round: number): Promise<void> {
  const topic = `rolling-${process.pid}-${round}`;
  const output = `${topic}-out`;
  await client.createTopics([topic, output].map((name) => ({ topic: name, partitions: PARTITIONS })));
  const config = { numStandbyReplicas: Number(values.standbys), processingGuarantee: values.guarantee };
  const start = (): Instance => new Instance({ brokers, applicationId: topic, topic, output, config }, wrap);
  const instances = Array.from({ length: INSTANCES }, start);
  const gaps = new OutputGaps(client, output);
  try {
    await Promise.all(instances.map((instance) => instance.hears('ready')));
    await balanced(instances);
    await gaps.start();
    const load = new SteadyLoad(client, topic, PARTITIONS, rate);
    await setTimeout(SETTLE_MS);
    gaps.reset();
    await setTimeout(SETTLE_MS);
    const usual = `${gaps.longestOfAPartitionMs.toFixed(0)} ms`;
    gaps.reset();
    const started = performance.now();
    for (const [index, instance] of instances.entries()) {
      instance.tell({ type: 'stop' });
      await instance.hears('closed');
      await instance.kill();
      const restarted = start();
      instances[index] = restarted;
      await restarted.hears('ready');
      await balanced(instances);
    }
    const tookMs = performance.now() - started;
    await setTimeout(SETTLE_MS);
    const { longestMs, longestOfAPartitionMs, longestDelayMs } = gaps;
    await load.stop();
    for (let waited = 0; gaps.received < load.sent && waited < DRAIN_MS; waited += POLL_MS) await setTimeout(POLL_MS);
    if (gaps.received < load.sent) throw new Error(`${load.sent} records sent, ${gaps.received} counts read`);
    console.log(
      `round ${round}: longest gap in output ${longestMs.toFixed(0)} ms, of one partition ${longestOfAPartitionMs.toFixed(0)} ms (without restarts ${usual}), ` +
        `longest delay of a record ${longestDelayMs.toFixed(0)} ms; ${INSTANCES} restarts in ${(tookMs / 1_000).toFixed(1)} s, ` +
        `${load.sent} records, ${gaps.received - load.sent} counts more than that, ${describeLoad()}`,
    );
  } finally {
    await gaps.close();
    await Promise.all(instances.map((instance) => instance.kill()));
  }
}

try {
  for (let round = 1; round <= rounds; round++) await measure(round);
} finally {
  await client.close();
  await kafka.close();
}
