import { join } from 'node:path';
import { commandLine } from '@playhead/chaos-streams/testing';
import { KafkaClient } from '@playhead/stream-core/client';
import { startApacheKafka } from '../broker/contestants.ts';
import { describeEnvironment } from '../environment.ts';
import { pinning } from '../pinning.ts';
import { prepareContestants } from './contestants.ts';
import { fillTopic } from './fill.ts';
import { measureLatency, reportLatency, type Latencies } from './latency.ts';
import { measureThroughput, reportThroughput, type Rates } from './throughput.ts';
import { PARTITIONS, SEED } from './workload.ts';

/**
 * `npm run bench:streams`: the windowed count of Avro heartbeats on stream-core, on Kafka Streams, by hand on kafkajs and on @kafkats/flow, each in a process of its own, by turns, on an
 * Apache Kafka started for it (or on KAFKA_BROKERS): records per CPU-second, and with `--latency` the time from a record's due time to the reading of its result.
 */
const HELP = `The windowed count of Avro heartbeats on stream-core, Kafka Streams, plain kafkajs and @kafkats/flow, by turns, on an Apache Kafka.

Usage: npm run bench:streams -- [options]

  --records N    of a pass (2000000)
  --rounds N     passes of each contestant (3)
  --only NAMES   contestants, separated by commas
  --latency      from a record's due time to the reading of its result, instead of records per CPU-second
  --rate N       records a second, with --latency (5000)
  --seconds N    how long, with --latency (20)
  --profile      CPU profiles of our own job in bench/profiles
  --turns        how long the turns of the event loop were in our own job
  --help         this text

The whole: records per CPU-second from the start of the process; warm: of its second half. KAFKA_BROKERS names brokers that run already.`;

const values = commandLine(HELP, {
  records: { type: 'string', default: '2000000' },
  rounds: { type: 'string', default: '3' },
  only: { type: 'string' },
  latency: { type: 'boolean', default: false },
  rate: { type: 'string', default: '5000' },
  seconds: { type: 'string', default: '20' },
  /** Writes V8 CPU profiles of our own job to bench/profiles; `node bench/streams/profile-top.ts` prints them. */
  profile: { type: 'boolean', default: false },
  /** Prints how long the turns of the event loop were in our own jobs. Looking costs a little, so it is off otherwise. */
  turns: { type: 'boolean', default: false },
});
const [records, rounds, rate, seconds] = (['records', 'rounds', 'rate', 'seconds'] as const).map(wholeNumber) as [
  number,
  number,
  number,
  number,
];
const THROUGHPUT =
  'stream-core,kafka-streams,stream-core eos,kafka-streams eos,stream-core lmdb,kafka-streams rocksdb,kafkajs,flow';
const LATENCY = 'stream-core,kafka-streams';
const only = (values.only ?? (values.latency ? LATENCY : THROUGHPUT)).split(',');

function wholeNumber(name: 'records' | 'rounds' | 'rate' | 'seconds'): number {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new RangeError(`--${name} ${values[name]}; allowed: whole numbers from 1`);
}

const profiling = ['--cpu-prof', '--cpu-prof-dir', 'bench/profiles'];
const watching = ['--import', join(import.meta.dirname, 'turns.ts')];
const contestants = prepareContestants(only, [...(values.profile ? profiling : []), ...(values.turns ? watching : [])]);
const { underTest: wrap, load, described } = pinning();
const given = process.env['KAFKA_BROKERS'];
const kafka = given === undefined ? await startApacheKafka(load) : undefined;
if (typeof kafka === 'string') throw new Error(`no Apache Kafka: ${kafka}`);
const brokers = given ?? `127.0.0.1:${kafka!.port}`;
console.log(`${describeEnvironment()}; ${kafka?.name ?? `brokers ${brokers}`}; seed ${SEED}`);
console.log(described.replace('services and broker', 'the job').replace('load', 'broker and load'));

const client = new KafkaClient({ brokers: brokers.split(','), clientId: 'bench' });
const inTurns = <T>(round: number, all: readonly T[]): readonly T[] => (round % 2 === 0 ? all.toReversed() : all);
try {
  if (values.latency) {
    const latencies = new Map<string, Latencies>(only.map((name) => [name, { p50: [], p99: [] }]));
    for (let round = 1; round <= rounds; round++) {
      console.log(`round ${round}`);
      const measured = await measureLatency({ client, brokers, rate, seconds, wrap }, inTurns(round, contestants));
      for (const [name, { p50, p99 }] of measured) {
        latencies.get(name)!.p50.push(p50);
        latencies.get(name)!.p99.push(p99);
      }
    }
    reportLatency(latencies);
  } else {
    const topic = `bench-beats-${process.pid}`;
    await client.createTopics([{ topic, partitions: PARTITIONS }]);
    await fillTopic(client, topic, records);
    const rates = new Map<string, Rates>(only.map((name) => [name, { whole: [], warm: [] }]));
    for (let round = 1; round <= rounds; round++) {
      console.log(`round ${round}`);
      for (const contestant of inTurns(round, contestants)) {
        const measured = await measureThroughput({ client, brokers, topic, records, wrap }, contestant);
        rates.get(contestant.name)!.whole.push(measured.whole);
        rates.get(contestant.name)!.warm.push(measured.warm);
      }
    }
    reportThroughput(rates);
    await client.deleteTopics([topic]);
  }
} finally {
  await client.close();
  await kafka?.close();
}
