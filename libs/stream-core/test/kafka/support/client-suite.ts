import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { BatchProducer } from '../../../src/kafka/batch-producer.ts';
import { decodeAssignment, encodeAssignment, encodeSubscription } from '../../../src/kafka/consumer-protocol.ts';
import { Fetcher } from '../../../src/kafka/fetcher.ts';
import { GroupMember } from '../../../src/kafka/group-member.ts';
import type { GroupAssignor } from '../../../src/kafka/group-types.ts';
import { KafkaClient } from '../../../src/kafka/kafka-client.ts';
import { RecordProducer } from '../../../src/kafka/record-producer.ts';
import { TailReader } from '../../../src/kafka/tail-reader.ts';
import type { TailRecord } from '../../../src/kafka/tail-types.ts';
import type { Serde } from '../../../src/serde/serde.ts';
import type { Topic } from '../../../src/topology/topic.ts';
import { until } from './deadline.ts';
import { valuesOf } from './record-sets.ts';

const text: Serde<string> = {
  open: () => ({ serialize: (value) => Buffer.from(value), deserialize: (bytes) => Buffer.from(bytes).toString() }),
};

/** Deals partitions out in turn. */
const inTurns = (topic: string): GroupAssignor => ({
  name: 'in-turns',
  metadata: () => encodeSubscription({ topics: [topic], userData: null, ownedPartitions: [] }),
  assign: (members, counts) =>
    new Map(
      members.map(({ memberId }, at) => [
        memberId,
        encodeAssignment({
          partitions: Array.from({ length: counts.get(topic) ?? 0 }, (_, partition) => ({ topic, partition })).filter(
            ({ partition }) => partition % members.length === at,
          ),
          userData: null,
        }),
      ]),
    ),
});

/** What the client must do with any broker: the same tests for the embedded one and for Apache Kafka. `restart` where the test may stop the broker. */
export function clientSuite(address: () => string, restart?: () => Promise<void>): void {
  let client: KafkaClient;
  const open: { close(): Promise<void> }[] = [];

  beforeAll(() => {
    client = new KafkaClient({ brokers: [address()], clientId: 'client-suite' });
  });

  afterAll(async () => {
    for (const part of open.toReversed()) await part.close();
    await client.close();
  });

  const opened = <T extends { close(): Promise<void> }>(part: T): T => {
    open.push(part);
    return part;
  };

  async function newTopic(partitions: number, configs: Record<string, string> = {}): Promise<string> {
    const topic = `suite-${randomUUID()}`;
    // The records' times lie years back: a broker would delete them the next time it looks.
    await client.createTopics([{ topic, partitions, configs: { 'retention.ms': '-1', ...configs } }]);
    return topic;
  }

  const typed = (name: string): Topic<string, string> => ({ name, key: text, value: text });

  test('creates, describes and deletes topics', async () => {
    const topic = await newTopic(3, { 'cleanup.policy': 'compact' });
    expect(await client.createTopics([{ topic, partitions: 3 }])).toEqual([{ topic, result: 'existed' }]);
    expect((await client.describeTopics([topic]))[0]?.partitions).toHaveLength(3);
    expect((await client.describeTopicConfig(topic)).get('cleanup.policy')).toBe('compact');
    expect((await client.partitionsOfAll()).get(topic)).toBe(3);
    await client.deleteTopics([topic, 'never-there']);
    expect(await client.partitionsOf([topic])).toEqual(new Map());
    await expect(client.describeTopicConfig(topic)).rejects.toMatchObject({ reason: 'UNKNOWN_TOPIC_OR_PARTITION' });
  });

  test.each(['none', 'gzip', 'zstd'] as const)(
    'reads back in order what it wrote, compression %s',
    async (compression) => {
      const topic = await newTopic(2);
      const producer = opened(new BatchProducer(client, { compression, maxBatchBytes: 2_000 }));
      for (let i = 0; i < 1_000; i++) producer.append(topic, i % 2, 1_700_000_000_000 + i, null, Buffer.from(`${i}`));
      await producer.flush();
      const fetcher = opened(new Fetcher(client));
      fetcher.add([
        { topic, partition: 0, offset: 0 },
        { topic, partition: 1, offset: 250 },
      ]);
      const read: string[][] = [[], []];
      await until('all records', () => {
        for (const fetched of fetcher.poll()) read[fetched.partition]?.push(...valuesOf(fetched));
        return read[0]?.length === 500 && read[1]?.length === 250;
      });
      expect(read[0]).toEqual(Array.from({ length: 500 }, (_, i) => `${2 * i}`));
      expect(read[1]).toEqual(Array.from({ length: 250 }, (_, i) => `${501 + 2 * i}`));
    },
  );

  test('finds offsets by time and deletes records', async () => {
    const topic = await newTopic(1, { 'retention.ms': '-1' });
    const producer = opened(new RecordProducer(client));
    const base = Date.now() - 60_000;
    for (let i = 0; i < 5; i++)
      await producer.send({ topic, key: null, value: Buffer.from(`${i}`), timestamp: base + i * 1_000 });
    const at = async (when: 'earliest' | 'latest' | number) =>
      (await client.listOffsets([{ topic, partition: 0 }], when))[0]?.offset;
    expect([await at('earliest'), await at(base + 2_500), await at('latest'), await at(base + 60_000)]).toEqual([
      0, 3, 5, -1,
    ]);
    await client.deleteRecords([{ topic, partition: 0, offset: 4 }]);
    expect(await at('earliest')).toBe(4);
  });

  test('an offset below the log’s start is reset as asked', async () => {
    const topic = await newTopic(1);
    const producer = opened(new RecordProducer(client));
    for (const value of ['a', 'b', 'c']) await producer.send({ topic, key: null, value: Buffer.from(value) });
    await client.deleteRecords([{ topic, partition: 0, offset: 2 }]);
    const fetcher = opened(new Fetcher(client, { onOutOfRange: 'earliest' }));
    fetcher.add([{ topic, partition: 0, offset: 0 }]);
    expect(await fetcher.waitForData(10_000)).toBe(true);
    expect(fetcher.poll().flatMap(valuesOf)).toEqual(['c']);
  });

  test('a RecordProducer tells partition and offset, equal keys keep together, and a TailReader reads it all', async () => {
    const topic = typed(await newTopic(4));
    const producer = opened(new RecordProducer(client));
    const sent = await Promise.all(
      Array.from({ length: 200 }, (_, i) => producer.send({ topic, key: `key-${i % 20}`, value: `${i}` })),
    );
    const partitions = new Map<string, Set<number>>();
    for (const [i, { partition }] of sent.entries())
      partitions.set(`key-${i % 20}`, (partitions.get(`key-${i % 20}`) ?? new Set()).add(partition));
    expect([...partitions.values()].every(({ size }) => size === 1)).toBe(true);

    const read: TailRecord<string, string>[] = [];
    const reader = opened(
      new TailReader(client, {
        topic,
        from: 'earliest',
        onRecord: (record) => read.push(record),
        onError: (error) => expect(error).toBeUndefined(),
      }),
    );
    await reader.start();
    await reader.caughtUp;
    expect(read).toHaveLength(200);
    for (const { value, partition, offset } of read)
      expect(sent[Number(value)]).toEqual({ topic: topic.name, partition, offset });

    const late = await producer.send({ topic, key: 'late', value: 'late' });
    await until('the late record', () => read.at(-1)?.value === 'late');
    expect(reader.position(late.partition)).toBe(late.offset + 1);
  });

  test('a TailReader from the end sees only what comes after its start, and is caught up at once', async () => {
    const topic = typed(await newTopic(2));
    const producer = opened(new RecordProducer(client));
    await producer.send({ topic, key: 'k', value: 'before' });
    const read: (string | null)[] = [];
    const reader = opened(
      new TailReader(client, {
        topic,
        from: 'latest',
        onRecord: ({ value }) => read.push(value),
        onError: (error) => expect(error).toBeUndefined(),
      }),
    );
    await reader.start();
    await reader.caughtUp;
    await producer.send({ topic, key: 'k', value: 'after' });
    await producer.send({ topic, key: 'k', value: null, headers: [{ key: 'h', value: Buffer.from('v') }] });
    await until('both records', () => read.length === 2);
    expect(read).toEqual(['after', null]);
  });

  test('what does not exist is an error that names it', async () => {
    const topic = typed('absent');
    await expect(new RecordProducer(client).send({ topic, key: 'k', value: 'v' })).rejects.toThrow(
      'topic absent does not exist',
    );
    await expect(new TailReader(client, { topic, from: 'latest', onError: () => undefined }).start()).rejects.toThrow(
      'topic absent does not exist',
    );
  });

  test('two members share a topic, commit with their generation, and the one that stays takes over', async () => {
    const topic = await newTopic(4);
    const assigned = new Map<string, number[]>();
    const lost: string[] = [];
    const makeMember = (name: string): GroupMember => {
      const member: GroupMember = new GroupMember(client, {
        groupId: `group-of-${topic}`,
        topics: [topic],
        assignor: inTurns(topic),
        sessionTimeoutMs: 10_000,
        heartbeatIntervalMs: 100,
        hooks: {
          onAssigned: async (assignment) =>
            void assigned.set(
              name,
              decodeAssignment(assignment).partitions.map(({ partition }) => partition),
            ),
          onRevoked: async () => {
            assigned.delete(name);
            await member.commit([{ topic, partition: 0, offset: 7, metadata: name }]);
          },
          onLost: async (reason) => void lost.push(reason.message),
          onError: (error) => lost.push(error.message),
        },
      });
      open.push({ close: () => member.leave() });
      return member;
    };
    const [first, second] = [makeMember('first'), makeMember('second')];
    first.start();
    await until('all partitions', () => assigned.get('first')?.length === 4);
    second.start();
    await until('half each', () => assigned.get('first')?.length === 2 && assigned.get('second')?.length === 2);
    expect([...assigned.values()].flat().sort()).toEqual([0, 1, 2, 3]);
    expect(
      await second.committed([
        { topic, partition: 0 },
        { topic, partition: 1 },
      ]),
    ).toEqual([expect.objectContaining({ offset: 7, metadata: 'first' }), undefined]);
    await first.leave();
    await until('all partitions again', () => assigned.get('second')?.length === 4);
    await second.commit([{ topic, partition: 1, offset: 9 }]);
    expect((await second.committed([{ topic, partition: 1 }]))[0]?.offset).toBe(9);
    expect(lost).toEqual([]);
  });

  test('a static member that comes back keeps its partitions, and its predecessor is fenced', async () => {
    const topic = await newTopic(2);
    const events: string[] = [];
    const makeMember = (name: string): GroupMember => {
      const member = new GroupMember(client, {
        groupId: `group-of-${topic}`,
        groupInstanceId: 'only',
        topics: [topic],
        assignor: inTurns(topic),
        sessionTimeoutMs: 10_000,
        heartbeatIntervalMs: 100,
        hooks: {
          onAssigned: async (_, { generation }) => void events.push(`${name} in ${generation}`),
          onRevoked: async () => undefined,
          onLost: async () => undefined,
          onError: (error) => events.push(`${name}: ${(error as { reason?: string }).reason}`),
        },
      });
      open.push({ close: () => member.leave() });
      return member;
    };
    makeMember('old').start();
    await until('the first assignment', () => events.length === 1);
    makeMember('new').start();
    await until('the fencing', () => events.length === 3);
    expect(events.toSorted()).toEqual(['new in 1', 'old in 1', 'old: FENCED_INSTANCE_ID']);
  });

  // Only where the test may stop the broker.
  if (restart === undefined) return;

  test('loses and doubles nothing while the broker restarts', async () => {
    const topic = typed(await newTopic(2));
    const producer = opened(new RecordProducer(client, { maxBatchBytes: 1_000 }));
    const read: string[] = [];
    const reader = opened(
      new TailReader(client, {
        topic,
        from: 'earliest',
        onRecord: ({ value }) => read.push(value ?? ''),
        onError: (error) => read.push(error.message),
      }),
    );
    await reader.start();
    const sent: Promise<unknown>[] = [];
    const send = (from: number, to: number): void => {
      for (let i = from; i < to; i++) sent.push(producer.send({ topic, key: 'k', value: `${i}` }));
    };
    send(0, 200);
    const restarted = restart();
    send(200, 400);
    await restarted;
    send(400, 600);
    await Promise.all(sent);
    await until('all records', () => read.length >= 600, 30_000);
    expect(read).toEqual(Array.from({ length: 600 }, (_, i) => `${i}`));
  }, 60_000);
}
