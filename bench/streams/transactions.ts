import { commandLine } from '@playhead/chaos-streams/testing';
import { startApacheKafka } from '../broker/contestants.ts';
import { describeEnvironment, describeLoad } from '../environment.ts';
import { ms, percentile } from '../percentile.ts';
import { GroupMember } from '../../libs/stream-core/src/kafka/group-member.ts';
import { KafkaClient } from '../../libs/stream-core/src/kafka/kafka-client.ts';
import { TransactionalProducer } from '../../libs/stream-core/src/kafka/transactional-producer.ts';
import { PARTITIONS } from './workload.ts';

/**
 * `npm run bench:transactions`: how long a transaction of 1,000 records of 100 bytes to two topics of four partitions with the offsets of a group takes, from the first record appended until
 * the commit has resolved, one right after the other, on an Apache Kafka started for it (or on KAFKA_BROKERS). Everything is counted in the end as a reader with read_committed sees it.
 */
const RECORDS = 1000;
const RECORD_BYTES = 100;
const WARM_UP = 100;

const HELP = `How long a transaction of 1,000 records to two topics with the offsets of a group takes, on an Apache Kafka.

Usage: npm run bench:transactions -- [options]

  --transactions N    of a round (1000)
  --rounds N          rounds (3)
  --help              this text

p50, p90 and p99: from the first record appended until the commit has resolved; committed: what a reader with read_committed
sees in the end. KAFKA_BROKERS names brokers that run already.`;

const values = commandLine(HELP, {
  transactions: { type: 'string', default: '1000' },
  rounds: { type: 'string', default: '3' },
});
const [transactions, rounds] = [Number(values.transactions), Number(values.rounds)];
const given = process.env['KAFKA_BROKERS'];
const kafka = given === undefined ? await startApacheKafka([]) : undefined;
if (typeof kafka === 'string') throw new Error(`no Apache Kafka: ${kafka}`);
const brokers = given ?? `127.0.0.1:${kafka!.port}`;
console.log(`${describeEnvironment()}; ${kafka?.name ?? `brokers ${brokers}`}; nothing pinned`);

const client = new KafkaClient({ brokers: brokers.split(','), clientId: 'bench-transactions' });
const name = `bench-${process.pid}`;
const [input, ...outputs] = [`${name}-in`, `${name}-one`, `${name}-two`] as const;
const partitionsOf = (topic: string) => Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition }));

async function joined(): Promise<GroupMember> {
  const assigned = Promise.withResolvers<void>();
  const nothing = Buffer.alloc(0);
  const member = new GroupMember(client, {
    groupId: name,
    topics: [input],
    assignor: {
      name: 'bench',
      metadata: () => nothing,
      assign: (members) => new Map(members.map(({ memberId }) => [memberId, nothing])),
    },
    hooks: {
      onRevoked: () => Promise.resolve(),
      onAssigned: () => Promise.resolve(assigned.resolve()),
      onLost: () => Promise.resolve(),
      onError: assigned.reject,
    },
  });
  member.start();
  await assigned.promise;
  return member;
}

try {
  await client.createTopics([input, ...outputs].map((topic) => ({ topic, partitions: PARTITIONS })));
  const member = await joined();
  const producer = new TransactionalProducer(client, { transactionalId: name });
  await producer.begin();
  const value = Buffer.alloc(RECORD_BYTES, 'v');
  let done = 0;
  const transact = async (): Promise<number> => {
    const started = performance.now();
    for (let i = 0; i < RECORDS; i++)
      producer.append(outputs[i % outputs.length]!, (i >> 1) % PARTITIONS, Date.now(), null, value);
    done++;
    await producer.commit({ member, offsets: partitionsOf(input).map((at) => ({ ...at, offset: done })) });
    return performance.now() - started;
  };
  for (let i = 0; i < WARM_UP; i++) await transact();
  for (let round = 1; round <= rounds; round++) {
    const times: number[] = [];
    for (let i = 0; i < transactions; i++) times.push(await transact());
    const [p50, p90, p99] = [0.5, 0.9, 0.99].map((q) => ms(percentile(times, q)));
    console.log(`round ${round}: p50 ${p50}  p90 ${p90}  p99 ${p99}  of ${transactions}, ${describeLoad()}`);
  }
  const ends = await client.listOffsets(outputs.flatMap(partitionsOf), 'latest', 'read_committed');
  const records = ends.reduce((sum, { offset }) => sum + offset, 0) - done * PARTITIONS * outputs.length;
  const committed = await member.committed(partitionsOf(input));
  console.log(
    `committed: ${records} records of ${done * RECORDS}, offsets ${committed.map((at) => at?.offset).join()}`,
  );
  await producer.close();
  await member.leave();
} finally {
  await client.close();
  await kafka?.close();
}
