import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { RecordCursor } from '@playhead/kafka-protocol';
import { AbortFilter } from '../../../src/kafka/abort-filter.ts';
import { Fetcher } from '../../../src/kafka/fetcher.ts';
import { GroupCoordinator } from '../../../src/kafka/group-coordinator.ts';
import { GroupMember } from '../../../src/kafka/group-member.ts';
import { commitTransactionOffsets } from '../../../src/kafka/group-offsets.ts';
import { KafkaClient } from '../../../src/kafka/kafka-client.ts';
import { TransactionalProducer } from '../../../src/kafka/transactional-producer.ts';
import type { TransactionalProducerOptions, TransactionOffsets } from '../../../src/kafka/transactional-producer.ts';
import { until } from './deadline.ts';

/** What transactions must do on any broker: the same tests for the embedded one and for Apache Kafka. `restart` where the test may stop the broker. */
export function transactionSuite(address: () => string, restart?: () => Promise<void>): void {
  let client: KafkaClient;
  const open: { close(): Promise<void> }[] = [];

  beforeAll(() => {
    client = new KafkaClient({ brokers: [address()], clientId: 'transaction-suite', retryTimeoutMs: 30_000 });
  });

  afterAll(async () => {
    for (const part of open.toReversed()) await part.close();
    await client.close();
  });

  async function newTopic(): Promise<string> {
    const topic = `suite-${randomUUID()}`;
    // The records' times lie years back: a broker would delete them the next time it looks.
    await client.createTopics([{ topic, partitions: 1, configs: { 'retention.ms': '-1' } }]);
    return topic;
  }

  function makeProducer(options: Partial<TransactionalProducerOptions> = {}): TransactionalProducer {
    const producer = new TransactionalProducer(client, { transactionalId: `suite-${randomUUID()}`, ...options });
    open.push(producer);
    return producer;
  }

  const write = (producer: TransactionalProducer, topic: string, ...values: string[]): void => {
    for (const value of values) producer.append(topic, 0, 1_700_000_000_000, null, Buffer.from(value));
  };

  /** Everything committed up to a record that is written and committed now. */
  async function committedIn(topic: string): Promise<string[]> {
    const end = makeProducer();
    write(end, topic, 'end');
    await end.commit();
    const fetcher = new Fetcher(client, { isolation: 'read_committed' });
    fetcher.add([{ topic, partition: 0, offset: 0 }]);
    const values: string[] = [];
    const cursor = new RecordCursor();
    const aborts = new AbortFilter();
    await until('the last record', () => {
      for (const fetched of fetcher.poll()) {
        cursor.reset(fetched.records);
        aborts.reset(fetched);
        while (cursor.nextBatch()) {
          if (aborts.skips(cursor)) continue;
          while (cursor.next()) values.push(cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd));
        }
      }
      return values.at(-1) === 'end';
    });
    await fetcher.close();
    return values.slice(0, -1);
  }

  /** A member of a group, once it has its place. */
  async function join(topic: string, groupId: string): Promise<GroupMember> {
    const { promise: joined, resolve } = Promise.withResolvers<void>();
    const member = new GroupMember(client, {
      groupId,
      topics: [topic],
      sessionTimeoutMs: 10_000,
      heartbeatIntervalMs: 200,
      assignor: {
        name: 'nothing',
        metadata: () => Buffer.alloc(0),
        assign: (members) => new Map(members.map(({ memberId }) => [memberId, Buffer.alloc(0)])),
      },
      hooks: {
        onAssigned: async () => resolve(),
        onRevoked: async () => undefined,
        onLost: async () => undefined,
        onError: () => undefined,
      },
    });
    open.push({ close: () => member.leave() });
    member.start();
    await joined;
    return member;
  }

  test('records of two topics and offsets become visible together, those of an aborted transaction never', async () => {
    const [first, second] = [await newTopic(), await newTopic()];
    const member = await join(first, `group-${first}`);
    const producer = makeProducer();
    write(producer, first, 'a');
    write(producer, second, 'b');
    await producer.commit({ member, offsets: [{ topic: first, partition: 0, offset: 5 }] });
    write(producer, first, 'aborted');
    await producer.abort();
    write(producer, second, 'c');
    await producer.commit();
    expect([await committedIn(first), await committedIn(second)]).toEqual([['a'], ['b', 'c']]);
    expect((await member.committed([{ topic: first, partition: 0 }]))[0]?.offset).toBe(5);
  });

  test('what is appended while a commit is under way belongs to the next transaction', async () => {
    const topic = await newTopic();
    const producer = makeProducer();
    write(producer, topic, 'first');
    const committing = producer.commit();
    write(producer, topic, 'second');
    await committing;
    await producer.abort();
    expect(await committedIn(topic)).toEqual(['first']);
  });

  test('many transactions in a row keep order and lose nothing', async () => {
    const topic = await newTopic();
    const producer = makeProducer({ maxBatchBytes: 1_000, lingerMs: 0 });
    const written: string[] = [];
    for (let transaction = 0; transaction < 30; transaction++) {
      for (let i = 0; i < 60; i++) {
        const value = `${transaction}/${i}`;
        write(producer, topic, value);
        if (transaction % 3 !== 2) written.push(value);
      }
      if (transaction % 3 === 2) await producer.abort();
      else await producer.commit();
    }
    expect(await committedIn(topic)).toEqual(written);
  });

  test('an empty transaction asks nobody', async () => {
    const producer = new TransactionalProducer(new KafkaClient({ brokers: ['127.0.0.1:1'], clientId: 'nobody' }), {
      transactionalId: 'nobody',
    });
    await producer.commit();
    await producer.close();
  });

  test('the next producer with the same transactional id aborts and fences the one before', async () => {
    const topic = await newTopic();
    const transactionalId = `suite-${randomUUID()}`;
    const old = makeProducer({ transactionalId, lingerMs: 0 });
    write(old, topic, 'of the old one');
    await until('the record is on its way', async () => (await end(topic)) > 0);
    const next = makeProducer({ transactionalId });
    await next.begin();
    write(next, topic, 'of the next one');
    await next.commit();
    await expect(old.commit()).rejects.toMatchObject({ recovery: 'fenced' });
    await expect(old.abort()).rejects.toMatchObject({ recovery: 'fenced' });
    expect(await committedIn(topic)).toEqual(['of the next one']);
  });

  test('a member that slept through a rebalance commits nothing, and its transaction is aborted', async () => {
    const topic = await newTopic();
    const groupId = `group-${topic}`;
    const member = await join(topic, groupId);
    const slept = member.membership!;
    await join(topic, groupId);
    await until('the next generation', () => (member.membership?.generation ?? 0) > slept.generation);

    const coordinator = new GroupCoordinator(client.cluster, groupId);
    open.push({ close: async () => coordinator.close() });
    const zombie: TransactionOffsets['member'] = {
      groupId,
      commitInTransaction: (transaction, offsets) =>
        commitTransactionOffsets(coordinator, groupId, slept, null, transaction, offsets),
    };
    const producer = makeProducer();
    write(producer, topic, 'of a zombie');
    const offsets = [{ topic, partition: 0, offset: 9 }];
    await expect(producer.commit({ member: zombie, offsets })).rejects.toMatchObject({ reason: 'ILLEGAL_GENERATION' });
    await producer.abort();
    expect(await committedIn(topic)).toEqual([]);
    expect(await member.committed([{ topic, partition: 0 }])).toEqual([undefined]);
  });

  test('a transaction that took too long is aborted by the broker, and the producer goes on after an abort', async () => {
    const topic = await newTopic();
    const producer = makeProducer({ transactionTimeoutMs: 3_000, lingerMs: 0 });
    write(producer, topic, 'too late');
    await until('the record is in the log', async () => (await end(topic)) > 0);
    // The marker of the abort follows the record.
    await until('the broker has aborted', async () => (await end(topic)) > 1, 30_000);
    write(producer, topic, 'too late as well');
    await expect(producer.commit()).rejects.toMatchObject({ code: 'STREAMS_BROKER' });
    await producer.abort();
    write(producer, topic, 'in time');
    await producer.commit();
    expect(await committedIn(topic)).toEqual(['in time']);
  }, 60_000);

  test('a record that cannot be written fails the transaction, and the next one goes through', async () => {
    const topic = await newTopic();
    const producer = makeProducer({ deliveryTimeoutMs: 3_000 });
    write(producer, topic, 'fine in itself');
    write(producer, 'absent', 'nowhere to go');
    await expect(producer.commit()).rejects.toMatchObject({ code: 'STREAMS_BROKER' });
    await expect(producer.commit()).rejects.toMatchObject({ code: 'STREAMS_BROKER' });
    await producer.abort();
    write(producer, topic, 'next');
    await producer.commit();
    expect(await committedIn(topic)).toEqual(['next']);
  }, 60_000);

  if (restart !== undefined) {
    test('a broker that restarts in the middle loses and doubles nothing', async () => {
      const topic = await newTopic();
      const producer = makeProducer({ lingerMs: 0 });
      write(producer, topic, 'before');
      await until('the record is in the log', async () => (await end(topic)) > 0);
      await restart();
      write(producer, topic, 'after');
      await producer.commit();
      expect(await committedIn(topic)).toEqual(['before', 'after']);
    });
  }

  async function end(topic: string): Promise<number> {
    return (await client.listOffsets([{ topic, partition: 0 }], 'latest'))[0]?.offset ?? 0;
  }
}
