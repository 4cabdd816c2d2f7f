import { expect } from '@jest/globals';
import { ErrorCode, offsetCommitApi, offsetFetchApi } from '@playhead/kafka-protocol';
import { join, joinWithNewId, memberOf, newGroup, stable, STRANGER, sync } from './group-requests.ts';
import { eventually, type IntegrationCase } from './integration-case.ts';
import { newTopic } from './kafkajs-client.ts';
import { TransactionalProducer } from './transactional-producer.ts';
import { withWire, type WireClient } from './wire-client.ts';

const { NONE } = ErrorCode;

/** The committed offset of partition 0 with its error, of a reader that insists on stable ones or not. */
async function fetched(wire: WireClient, groupId: string, topic: string, requireStable: boolean): Promise<unknown> {
  const topics = [{ name: topic, partitionIndexes: [0] }];
  const answer = await wire.send(offsetFetchApi, 7, { groupId, topics, requireStable });
  const { errorCode, committedOffset } = answer.topics[0]!.partitions[0]!;
  return [errorCode, committedOffset];
}

/** The offset once no transaction holds it: it may come later than the answer to EndTxn. */
const stableOffset = (wire: WireClient, groupId: string, topic: string): Promise<number> =>
  eventually('a stable offset', async () => {
    const [errorCode, offset] = (await fetched(wire, groupId, topic, true)) as [number, number];
    return errorCode === ErrorCode.UNSTABLE_OFFSET_COMMIT ? undefined : offset;
  });

async function commitPlainly(wire: WireClient, groupId: string, topic: string, committedOffset: number): Promise<void> {
  const topics = [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset }] }];
  const answer = await wire.send(offsetCommitApi, 7, { groupId, topics });
  expect(answer.topics[0]!.partitions[0]!.errorCode).toBe(NONE);
}

async function withGroup(
  brokers: readonly string[],
  use: (wire: WireClient, producer: TransactionalProducer, groupId: string, topic: string) => Promise<void>,
): Promise<void> {
  const topic = await newTopic(brokers, 'transaction-offsets');
  await withWire(brokers, async (wire) => {
    const groupId = await newGroup(wire);
    await use(wire, await TransactionalProducer.start(wire, topic), groupId, topic);
  });
}

export const transactionOffsetCases: readonly IntegrationCase[] = [
  {
    name: 'offsets of a transaction are seen when it commits, and who wants stable ones waits until then',
    run: (brokers) =>
      withGroup(brokers, async (wire, producer, groupId, topic) => {
        expect(await producer.addOffsets(groupId)).toBe(NONE);
        expect(await producer.commitOffset(groupId, 5)).toBe(NONE);
        expect(await fetched(wire, groupId, topic, false)).toEqual([NONE, -1]);
        expect(await fetched(wire, groupId, topic, true)).toEqual([ErrorCode.UNSTABLE_OFFSET_COMMIT, -1]);
        expect(await producer.end(true)).toBe(NONE);
        expect(await stableOffset(wire, groupId, topic)).toBe(5);
        expect(await fetched(wire, groupId, topic, false)).toEqual([NONE, 5]);
      }),
  },
  {
    name: 'offsets of an aborted transaction never were',
    run: (brokers) =>
      withGroup(brokers, async (wire, producer, groupId, topic) => {
        await commitPlainly(wire, groupId, topic, 3);
        await producer.addOffsets(groupId);
        expect(await producer.commitOffset(groupId, 5, { version: 2 })).toBe(NONE);
        expect(await fetched(wire, groupId, topic, true)).toEqual([ErrorCode.UNSTABLE_OFFSET_COMMIT, -1]);
        expect(await producer.end(false)).toBe(NONE);
        expect(await stableOffset(wire, groupId, topic)).toBe(3);
      }),
  },
  {
    name: 'a commit outside of the transaction that came later stays',
    run: (brokers) =>
      withGroup(brokers, async (wire, producer, groupId, topic) => {
        await producer.addOffsets(groupId);
        await producer.commitOffset(groupId, 5);
        await commitPlainly(wire, groupId, topic, 9);
        expect(await fetched(wire, groupId, topic, false)).toEqual([NONE, 9]);
        expect(await fetched(wire, groupId, topic, true)).toEqual([ErrorCode.UNSTABLE_OFFSET_COMMIT, -1]);
        await producer.end(true);
        expect(await stableOffset(wire, groupId, topic)).toBe(9);
      }),
  },
  {
    name: 'offsets need the group in the transaction, and the producer its epoch',
    run: (brokers) =>
      withGroup(brokers, async (_wire, producer, groupId) => {
        const { producerId, producerEpoch } = producer.identity;
        for (const version of [2, 3])
          expect(await producer.commitOffset(groupId, 1, { version })).toBe(ErrorCode.INVALID_TXN_STATE);
        expect(await producer.commitOffset('', 1)).toBe(ErrorCode.INVALID_GROUP_ID);
        await producer.addOffsets(groupId);
        const raised = { as: { producerEpoch: producerEpoch + 1 } };
        expect(await producer.commitOffset(groupId, 1, raised)).toBe(ErrorCode.INVALID_PRODUCER_EPOCH);
        const stranger = { as: { producerId: producerId + 1000 } };
        expect(await producer.commitOffset(groupId, 1, stranger)).toBe(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
        expect(await producer.commitOffset(groupId, 1)).toBe(NONE);
        await producer.end(true);
        expect(await producer.commitOffset(groupId, 2)).toBe(ErrorCode.INVALID_TXN_STATE);
      }),
  },
  {
    name: 'a zombie of the group is fenced by its generation and its member id, not by saying nothing',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'generations');
      await withWire(brokers, async (wire) => {
        const { groupId, memberId, generationId } = await stable(wire);
        const producer = await TransactionalProducer.start(wire, topic);
        await producer.addOffsets(groupId);
        const commit = (member: { generationId: number; memberId: string; groupInstanceId?: string }) =>
          producer.commitOffset(groupId, 4, { member });
        expect(await commit({ memberId, generationId: generationId - 1 })).toBe(ErrorCode.ILLEGAL_GENERATION);
        expect(await commit({ ...STRANGER, generationId })).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
        expect(await commit({ memberId, generationId })).toBe(NONE);
        // As clients before KIP-447 do.
        expect(await commit({ memberId: '', generationId: -1 })).toBe(NONE);
        expect(await producer.end(true)).toBe(NONE);
        expect(await stableOffset(wire, groupId, topic)).toBe(4);
      });
    },
  },
  {
    name: 'a member that has no assignment yet may commit in a transaction all the same',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'completing');
      await withWire(brokers, async (wire) => {
        const groupId = await newGroup(wire);
        const { memberId, generationId } = await joinWithNewId(wire, groupId);
        const producer = await TransactionalProducer.start(wire, topic);
        await producer.addOffsets(groupId);
        const member = { memberId, generationId };
        const outOfDate = { memberId, generationId: generationId - 1 };
        expect(await producer.commitOffset(groupId, 3, { member: outOfDate })).toBe(ErrorCode.ILLEGAL_GENERATION);
        expect(await producer.commitOffset(groupId, 3, { member })).toBe(NONE);
        await producer.end(true);
        expect(await stableOffset(wire, groupId, topic)).toBe(3);
      });
    },
  },
  {
    name: 'a static member whose place was taken is fenced by its instance id',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'static-zombie');
      await withWire(brokers, async (wire) => {
        const groupId = await newGroup(wire);
        const groupInstanceId = 'instance';
        const old = memberOf(groupId, await join(wire, groupId, { groupInstanceId }), groupInstanceId);
        await sync(wire, old);
        const successor = memberOf(groupId, await join(wire, groupId, { groupInstanceId }), groupInstanceId);
        const producer = await TransactionalProducer.start(wire, topic);
        await producer.addOffsets(groupId);
        const { memberId, generationId } = old;
        const zombie = { memberId, generationId, groupInstanceId };
        expect(await producer.commitOffset(groupId, 1, { member: zombie })).toBe(ErrorCode.FENCED_INSTANCE_ID);
        const member = { ...zombie, memberId: successor.memberId };
        expect(await producer.commitOffset(groupId, 2, { member })).toBe(NONE);
        await producer.end(true);
        expect(await stableOffset(wire, groupId, topic)).toBe(2);
      });
    },
  },
];
