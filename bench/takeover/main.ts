import { rm } from 'node:fs/promises';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine } from '@playhead/chaos-streams/testing';
import { KafkaClient, RecordProducer } from '@playhead/stream-core/client';
import { startApacheKafka, startEmbedded } from '../broker/contestants.ts';
import { describeEnvironment, describeLoad } from '../environment.ts';
import { pinning } from '../pinning.ts';
import { Instance } from './child.ts';
import { measureJoins } from './join.ts';
import { type InstanceSettings, nowMs } from './messages.ts';

/**
 * `npm run bench:takeover`: how long nobody answers for a task with 1,000,000 keys after its owner was killed (kill -9)
 * or stopped. One task holds all of them, so that the first answer comes when the last record is there. Two parts:
 * from the kill until another instance has been given the task (the session timeout, or the start of a process), and
 * from then until it answers.
 */
const HELP = `How long nobody answers for a task with 1,000,000 keys after its owner was killed (kill -9) or stopped.

Usage: npm run bench:takeover -- [options]

  --keys N           keys of the task (1000000)
  --value-bytes N    bytes of a value (100)
  --rounds N         of each scenario (3)
  --only NAMES       scenarios, separated by commas (lmdb,standby,changelog,stop,join)
  --broker B         embedded (default) or real: an Apache Kafka started here
  --profile          CPU profiles of the instances that take over in bench/profiles
  --help             this text

Detection: from the kill until another instance has been given the task; detection → first answer: until its state is there.`;

const values = commandLine(HELP, {
  keys: { type: 'string', default: '1000000' },
  'value-bytes': { type: 'string', default: '100' },
  rounds: { type: 'string', default: '3' },
  only: { type: 'string', default: 'lmdb,standby,changelog,stop,join' },
  broker: { type: 'string', default: 'embedded' },
  /** Writes V8 CPU profiles of the instances that take over to bench/profiles. */
  profile: { type: 'boolean', default: false },
});
const [keys, valueBytes, rounds] = (['keys', 'value-bytes', 'rounds'] as const).map((name) => {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new RangeError(`--${name} ${values[name]}; allowed: whole numbers from 1`);
}) as [number, number, number];

/** Brokers refuse less than this. */
const SESSION_TIMEOUT_MS = 6_000;
const CHECKED_KEYS = 100;
const MAX_UNACKNOWLEDGED = 50_000;

interface Scenario {
  readonly title: string;
  readonly goal: string;
  readonly standbys: number;
  /** The killed process comes back on its own disk. */
  readonly lmdb: boolean;
  /** A clean stop: no kill. */
  readonly stop: boolean;
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  lmdb: {
    title: 'LMDB on the same disk, process started again',
    goal: 'second part ≤ 1 s',
    standbys: 0,
    lmdb: true,
    stop: false,
  },
  standby: { title: 'a standby', goal: 'second part ≤ 1 s', standbys: 1, lmdb: false, stop: false },
  changelog: { title: 'the changelog alone', goal: 'second part ≤ 5 s', standbys: 0, lmdb: false, stop: false },
  stop: { title: 'clean stop, a standby', goal: 'in all ≤ 1 s', standbys: 1, lmdb: false, stop: true },
};

const keyOf = (index: number): string => `t1/acc-${String(index).padStart(7, '0')}`;
const valueOf = (index: number): string => `${index}:`.padEnd(valueBytes, 'abcdefghijklmnopqrstuvwxyz');

async function fill(client: KafkaClient, topic: string): Promise<void> {
  const producer = new RecordProducer(client, { lingerMs: 5, maxBatchBytes: 256 * 1024 });
  for (let from = 0; from < keys; from += MAX_UNACKNOWLEDGED) {
    const batch = Array.from({ length: Math.min(MAX_UNACKNOWLEDGED, keys - from) }, (_, i) => {
      const [key, value] = [Buffer.from(keyOf(from + i)), Buffer.from(valueOf(from + i))];
      return producer.send({ topic, partition: 0, key, value, timestamp: Date.now() });
    });
    await Promise.all(batch);
  }
  await producer.close();
}

const nodeOptions = values.profile ? ['--cpu-prof', '--cpu-prof-dir', 'bench/profiles'] : [];

interface Measured {
  readonly detectionMs: number;
  readonly answerMs: number;
}

async function measure(scenario: Scenario, settings: InstanceSettings, wrap: readonly string[]): Promise<Measured> {
  const owner = new Instance(settings, wrap);
  let successor: Instance | undefined;
  try {
    const ready = await owner.hears('ready');
    if (ready.tasks !== 1) throw new Error(`the owner has ${ready.tasks} tasks, expected 1`);
    if (!scenario.lmdb) {
      successor = new Instance(settings, wrap, nodeOptions);
      const { standbys } = await successor.hears('ready');
      if (standbys !== scenario.standbys) throw new Error(`${standbys} standbys, expected ${scenario.standbys}`);
    }
    const from = nowMs();
    if (scenario.stop) owner.tell({ type: 'stop' });
    else await owner.kill();
    successor ??= new Instance(settings, wrap, nodeOptions);
    const { atMs: assignedMs } = await successor.hears(
      'assigned',
      ({ added, atMs }) => atMs >= from && added.length > 0,
    );
    const asked = Math.floor(keys / 2);
    successor.tell({ type: 'own', key: keyOf(asked) });
    const { value, atMs: answeredMs } = await successor.hears('owned');
    if (value !== valueOf(asked)) throw new Error(`the answer for ${keyOf(asked)} is ${value}`);
    await check(successor);
    if (values.profile) {
      successor.tell({ type: 'stop' });
      await successor.ended();
    }
    return { detectionMs: assignedMs - from, answerMs: answeredMs - assignedMs };
  } finally {
    await owner.kill();
    await successor?.kill();
  }
}

/** Nothing is missing, nothing is wrong. */
async function check(successor: Instance): Promise<void> {
  const indexes = Array.from({ length: Math.min(CHECKED_KEYS, keys) }, (_, i) => Math.floor((i * keys) / CHECKED_KEYS));
  successor.tell({ type: 'check', keys: indexes.map(keyOf) });
  const { count, values: found } = await successor.hears('checked');
  const wrong = indexes.filter((index, at) => found[at] !== valueOf(index));
  if (count !== keys || wrong.length > 0) throw new Error(`${count} keys of ${keys}, ${wrong.length} wrong values`);
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

const { underTest: wrap, described } = pinning();
const kafka = values.broker === 'real' ? await startApacheKafka(wrap) : await startEmbedded(wrap);
if (typeof kafka === 'string') throw new Error(`no Apache Kafka: ${kafka}`);
console.log(`${describeEnvironment()}; ${kafka.name}`);
console.log(described.replace('services', 'instances').replace('; load', '; the filling of topics'));
const brokers = `127.0.0.1:${kafka.port}`;
const client = new KafkaClient({ brokers: [brokers], clientId: 'bench' });
const dataDir = await mkdtemp(join(tmpdir(), 'playhead-takeover-'));
try {
  const topic = `takeover-${process.pid}`;
  await client.createTopics([{ topic, partitions: 1 }]);
  await fill(client, topic);
  console.log(`${keys} keys with values of ${valueBytes} bytes in one task, session timeout ${SESSION_TIMEOUT_MS} ms`);
  for (const name of values.only.split(',')) {
    if (name === 'join') {
      await measureJoins(client, brokers, topic, wrap, rounds);
      continue;
    }
    const scenario = SCENARIOS[name];
    if (scenario === undefined)
      throw new RangeError(`--only ${name}; allowed: ${Object.keys(SCENARIOS).join(', ')}, join`);
    const all: Measured[] = [];
    for (let round = 1; round <= rounds; round++) {
      const applicationId = `${topic}-${name}-${round}`;
      const config = {
        sessionTimeoutMs: SESSION_TIMEOUT_MS,
        numStandbyReplicas: scenario.standbys,
        ...(scenario.lmdb
          ? { groupInstanceId: 'one', state: { lmdb: { stateDir: join(dataDir, applicationId) } } }
          : {}),
      };
      const measured = await measure(scenario, { brokers, applicationId, topic, config }, wrap);
      all.push(measured);
      const { detectionMs, answerMs } = measured;
      console.log(
        `${scenario.title}, round ${round}: ${scenario.stop ? 'stop' : 'kill'} → detection ${seconds(detectionMs)}, detection → first answer ${seconds(answerMs)}, in all ${seconds(detectionMs + answerMs)} (${describeLoad()})`,
      );
    }
    const [detection, answer] = [median(all.map((one) => one.detectionMs)), median(all.map((one) => one.answerMs))];
    const total = median(all.map((one) => one.detectionMs + one.answerMs));
    console.log(
      `${scenario.title}: median ${seconds(detection)} + ${seconds(answer)}, in all ${seconds(total)}; goal: ${scenario.goal}`,
    );
  }
} finally {
  await client.close();
  await kafka.close();
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
}
