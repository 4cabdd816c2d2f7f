import { expect } from '@jest/globals';
import { addPartitionsToTxnApi, ErrorCode } from '@playhead/kafka-protocol';
import { eventually, type IntegrationCase, uniqueName } from './integration-case.ts';
import { newTopic } from './kafkajs-client.ts';
import { contentOf, fetchIsolated, initOnce, TransactionalProducer, type Identity } from './transactional-producer.ts';
import { withWire } from './wire-client.ts';

const { NONE, INVALID_PRODUCER_EPOCH, PRODUCER_FENCED, INVALID_PRODUCER_ID_MAPPING } = ErrorCode;

/** A producer with a transaction of one record, and its topic. */
async function withOpenTransaction(
  brokers: readonly string[],
  use: (topic: string, producer: TransactionalProducer, wire: Parameters<typeof initOnce>[0]) => Promise<void>,
  timeoutMs = 60_000,
): Promise<void> {
  const topic = await newTopic(brokers, 'fencing');
  await withWire(brokers, async (wire) => {
    const producer = await TransactionalProducer.start(wire, topic, { timeoutMs });
    expect(await producer.add()).toBe(NONE);
    expect((await producer.produce(['old'])).errorCode).toBe(NONE);
    await use(topic, producer, wire);
  });
}

/** What a producer that has lost its epoch is answered, whatever it asks, in the versions before and after KIP-588. */
async function expectFenced(zombie: TransactionalProducer): Promise<void> {
  const late = zombie.batch(['late'], { baseSequence: 1 });
  expect((await zombie.produceBatch(late)).errorCode).toBe(INVALID_PRODUCER_EPOCH);
  const group = uniqueName('group');
  for (const [version, code] of [
    [1, INVALID_PRODUCER_EPOCH],
    [2, PRODUCER_FENCED],
  ] as const) {
    expect(await zombie.add([0], {}, version)).toBe(code);
    expect(await zombie.addOffsets(group, {}, version)).toBe(code);
    expect(await zombie.endOnce(true, {}, version)).toBe(code);
    expect(await zombie.endOnce(false, {}, version)).toBe(code);
  }
  for (const version of [2, 3]) expect(await zombie.commitOffset(group, 1, { version })).toBe(INVALID_PRODUCER_EPOCH);
}

export const transactionFencingCases: readonly IntegrationCase[] = [
  {
    name: 'a new producer of the same id aborts what the one before has open, and fences it',
    run: (brokers) =>
      withOpenTransaction(brokers, async (topic, zombie, wire) => {
        const { transactionalId, identity } = zombie;
        const successor = await TransactionalProducer.start(wire, topic, { transactionalId });
        expect(successor.identity.producerId).toBe(identity.producerId);
        expect(successor.identity.producerEpoch).toBeGreaterThan(identity.producerEpoch);
        await expectFenced(zombie);
        expect(contentOf((await fetchIsolated(wire, topic, 0)).records)).toEqual(['0:old', '1:abort']);
        expect(await successor.add()).toBe(NONE);
        expect((await successor.produce(['new'])).errorCode).toBe(NONE);
        await expectFenced(zombie);
        expect(await successor.end(true)).toBe(NONE);
        const read = await fetchIsolated(wire, topic, 2);
        expect(contentOf(read.records)).toEqual(['2:new', '3:commit']);
      }),
  },
  {
    name: 'a transaction that takes too long is aborted and its producer fenced, until it asks for its epoch again',
    run: (brokers) =>
      withOpenTransaction(
        brokers,
        async (topic, producer, wire) => {
          const { transactionalId, identity } = producer;
          await eventually('the time-out', async () =>
            (await fetchIsolated(wire, topic, 0)).lastStableOffset === 2 ? true : undefined,
          );
          const read = await fetchIsolated(wire, topic, 0);
          expect(read.abortedTransactions).toEqual([{ producerId: identity.producerId, firstOffset: 0 }]);
          expect(contentOf(read.records)).toEqual(['0:old', '1:abort']);
          await expectFenced(producer);
          const again = await initOnce(wire, transactionalId, { expected: identity });
          const { producerId, producerEpoch } = identity;
          expect(again).toEqual({ errorCode: NONE, producerId, producerEpoch: producerEpoch + 1 });
        },
        500,
      ),
  },
  {
    name: 'a producer raises its own epoch, is answered twice the same, and its predecessor never',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'epochs');
      await withWire(brokers, async (wire) => {
        const producer = await TransactionalProducer.start(wire, topic);
        const { transactionalId, identity } = producer;
        const { producerId, producerEpoch } = identity;
        const ask = (expected: Partial<Identity>, version = 4) =>
          initOnce(wire, transactionalId, { expected, version });
        const raised = { errorCode: NONE, producerId, producerEpoch: producerEpoch + 1 };
        expect(await ask(identity)).toEqual(raised);
        expect(await ask(identity)).toEqual(raised);
        const fresh = await initOnce(wire, transactionalId);
        expect(fresh).toEqual({ errorCode: NONE, producerId, producerEpoch: producerEpoch + 2 });
        const refused = { producerId: -1, producerEpoch: -1 };
        expect(await ask(identity)).toEqual({ errorCode: PRODUCER_FENCED, ...refused });
        expect(await ask(identity, 3)).toEqual({ errorCode: INVALID_PRODUCER_EPOCH, ...refused });
        expect(await ask({ producerId: producerId + 1000, producerEpoch: 0 })).toMatchObject({
          errorCode: PRODUCER_FENCED,
        });
        expect(await ask({ producerId })).toMatchObject({ errorCode: ErrorCode.INVALID_REQUEST });
        expect(await ask({ producerEpoch: 1 })).toMatchObject({ errorCode: ErrorCode.INVALID_REQUEST });
      });
    },
  },
  {
    name: 'a transactional id needs a name and a time-out within bounds',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'init');
      await withWire(brokers, async (wire) => {
        const { transactionalId } = await TransactionalProducer.start(wire, topic);
        expect((await initOnce(wire, '')).errorCode).toBe(ErrorCode.INVALID_REQUEST);
        for (const timeoutMs of [0, -1, 900_001]) {
          const { errorCode } = await initOnce(wire, transactionalId, { timeoutMs });
          expect(errorCode).toBe(ErrorCode.INVALID_TRANSACTION_TIMEOUT);
        }
      });
    },
  },
  {
    name: 'every request out of order, or of somebody else, has its own error',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'order', 2);
      await withWire(brokers, async (wire) => {
        const producer = await TransactionalProducer.start(wire, topic);
        const { producerId, producerEpoch } = producer.identity;
        const stranger = { producerId: producerId + 1000 };
        const nobody = new TransactionalProducer(wire, topic);
        nobody.identity = producer.identity;
        const nameless = new TransactionalProducer(wire, topic, '');
        nameless.identity = producer.identity;
        const group = uniqueName('group');
        for (const [who, code] of [
          [nobody, INVALID_PRODUCER_ID_MAPPING],
          [nameless, ErrorCode.INVALID_REQUEST],
        ] as const) {
          expect(await who.add()).toBe(code);
          expect(await who.addOffsets(group)).toBe(code);
          expect(await who.endOnce(true)).toBe(code);
          expect(await who.commitOffset(group, 1)).toBe(code);
        }
        expect(await producer.add([0], stranger)).toBe(INVALID_PRODUCER_ID_MAPPING);
        expect(await producer.addOffsets(group, stranger)).toBe(INVALID_PRODUCER_ID_MAPPING);
        expect(await producer.endOnce(true, stranger)).toBe(INVALID_PRODUCER_ID_MAPPING);
        expect(await producer.add([0], { producerEpoch: producerEpoch + 1 })).toBe(PRODUCER_FENCED);
        expect(await producer.endOnce(true, { producerEpoch: producerEpoch + 1 })).toBe(PRODUCER_FENCED);
        for (const committed of [true, false])
          expect(await producer.endOnce(committed)).toBe(ErrorCode.INVALID_TXN_STATE);
      });
    },
  },
  {
    name: 'a transaction is ended once, and one way',
    run: (brokers) =>
      withOpenTransaction(brokers, async (_topic, producer) => {
        expect(await producer.end(true)).toBe(NONE);
        expect(await producer.endOnce(true)).toBe(NONE);
        expect(await producer.endOnce(false)).toBe(ErrorCode.INVALID_TXN_STATE);
        await producer.add();
        expect(await producer.end(false)).toBe(NONE);
        expect(await producer.endOnce(false)).toBe(NONE);
        expect(await producer.endOnce(true)).toBe(ErrorCode.INVALID_TXN_STATE);
      }),
  },
  {
    name: 'records of a transaction go only where it was added, and in its name',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'not-added', 2);
      await withWire(brokers, async (wire) => {
        const producer = await TransactionalProducer.start(wire, topic);
        const { producerEpoch } = producer.identity;
        const first = (epoch = producerEpoch): Buffer =>
          producer.batch(['x'], { baseSequence: 0, producerEpoch: epoch });
        const code = async (...args: Parameters<TransactionalProducer['produceBatch']>): Promise<number> =>
          (await producer.produceBatch(...args)).errorCode;
        expect(await code(first())).toBe(ErrorCode.INVALID_TXN_STATE);
        await producer.add();
        expect(await code(first(), { partition: 1 })).toBe(ErrorCode.INVALID_TXN_STATE);
        const otherId = { transactionalId: uniqueName('tx') };
        expect(await code(first(), otherId)).toBe(INVALID_PRODUCER_ID_MAPPING);
        const noId = { transactionalId: null };
        expect(await code(first(), noId)).toBe(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
        expect(await code(first(producerEpoch + 1))).toBe(INVALID_PRODUCER_EPOCH);
        expect(await code(first())).toBe(NONE);
        const outside = producer.batch(['y'], { baseSequence: 1, isTransactional: false });
        expect(await code(outside, noId)).toBe(ErrorCode.INVALID_TXN_STATE);
        expect(await code(first(producerEpoch + 1))).toBe(INVALID_PRODUCER_EPOCH);
      });
    },
  },
  {
    name: 'a partition that does not exist keeps the others out of the transaction',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'unknown-partition');
      await withWire(brokers, async (wire) => {
        const producer = await TransactionalProducer.start(wire, topic);
        const topics = [{ name: topic, partitions: [0, 7] }];
        const request = { transactionalId: producer.transactionalId, ...producer.identity, topics };
        const { resultsByTopic } = await wire.send(addPartitionsToTxnApi, 2, request);
        // Apache Kafka answers in an order of its own.
        const codes = new Map(
          resultsByTopic[0]!.resultsByPartition.map((result) => [result.partitionIndex, result.partitionErrorCode]),
        );
        expect(codes.get(7)).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        expect(codes.get(0)).toBe(ErrorCode.OPERATION_NOT_ATTEMPTED);
        expect(await producer.endOnce(true)).toBe(ErrorCode.INVALID_TXN_STATE);
      });
    },
  },
];
