import { expect } from '@jest/globals';
import {
  createPartitionsApi,
  deleteRecordsApi,
  ErrorCode,
  fetchApi,
  listOffsetsApi,
  produceApi,
  RecordBatchWriter,
  type RequestInputOf,
} from '@playhead/kafka-protocol';
import type { IntegrationCase } from './integration-case.ts';
import { newTopic } from './kafkajs-client.ts';
import { fetch, offsetsIn, produce, producerIdentity } from './log-requests.ts';
import { batchOf, withWire } from './wire-client.ts';

/** Far longer than a case may take: who waits for this fails. */
const FOR_EVER_MS = 120_000;

export const partitionWireCases: readonly IntegrationCase[] = [
  {
    name: 'a parked fetch is answered by the produce on another connection',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'wake-up');
      await withWire(brokers, (reader) =>
        withWire(brokers, async (writer) => {
          const fetched = fetch(reader, topic, 0, { maxWaitMs: 20_000 });
          await produce(writer, topic, batchOf(['a', 'b']));
          expect(offsetsIn((await fetched).records)).toEqual([0, 1]);
        }),
      );
    },
  },
  {
    name: 'a fetch of no partition does not wait',
    run: (brokers) =>
      withWire(brokers, async (wire) => {
        const empty = { maxWaitMs: FOR_EVER_MS, minBytes: 1, topics: [] };
        expect((await wire.send(fetchApi, 11, empty)).responses).toEqual([]);
      }),
  },
  {
    name: 'records without a key are named to who sent them to a compacted topic',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'keyless', 1, { 'cleanup.policy': 'compact' });
      await withWire(brokers, async (wire) => {
        const writer = new RecordBatchWriter();
        for (const key of ['a', null, 'c', null]) writer.append(Date.now(), key, 'v');
        const topicData = [{ name: topic, partitionData: [{ index: 0, records: writer.seal() }] }];
        const answer = await wire.send(produceApi, 8, { transactionalId: null, acks: -1, timeoutMs: 5000, topicData });
        const { errorCode, recordErrors } = answer.responses[0]!.partitionResponses[0]!;
        expect([errorCode, recordErrors.map(({ batchIndex }) => batchIndex)]).toEqual([
          ErrorCode.INVALID_RECORD,
          [1, 3],
        ]);
      });
    },
  },
  {
    name: 'an idempotent producer that the partition does not know may begin with any sequence',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'unknown-producer');
      await withWire(brokers, async (wire) => {
        const fresh = { ...(await producerIdentity(wire)), baseSequence: 5 };
        expect((await produce(wire, topic, batchOf(['a'], fresh))).errorCode).toBe(ErrorCode.NONE);
        const gap = await produce(wire, topic, batchOf(['b'], { ...fresh, baseSequence: 7 }));
        expect(gap.errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
        expect((await produce(wire, topic, batchOf(['b'], { ...fresh, baseSequence: 6 }))).baseOffset).toBe(1);
      });
    },
  },
  {
    name: 'an idempotent producer with a raised epoch starts again and fences the one before',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'fenced');
      await withWire(brokers, async (wire) => {
        const old = await producerIdentity(wire);
        const raised = { ...old, producerEpoch: old.producerEpoch + 1 };
        expect((await produce(wire, topic, batchOf(['a'], old))).errorCode).toBe(ErrorCode.NONE);
        const ahead = await produce(wire, topic, batchOf(['b'], { ...raised, baseSequence: 1 }));
        expect(ahead.errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
        expect((await produce(wire, topic, batchOf(['b'], raised))).errorCode).toBe(ErrorCode.NONE);
        const late = await produce(wire, topic, batchOf(['c'], { ...old, baseSequence: 1 }));
        expect(late.errorCode).toBe(ErrorCode.INVALID_PRODUCER_EPOCH);
        expect(offsetsIn((await fetch(wire, topic, 0)).records)).toEqual([0, 1]);
      });
    },
  },
  {
    name: 'a produce is one batch from offset 0, neither none, nor two, nor one that has a place already',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'one-batch');
      await withWire(brokers, async (wire) => {
        const batch = Buffer.from(batchOf(['a']));
        const placed = Buffer.from(batch);
        placed.writeInt32BE(5, 4);
        for (const refused of [Buffer.alloc(0), Buffer.concat([batch, batch]), placed]) {
          expect((await produce(wire, topic, refused)).errorCode).toBe(ErrorCode.INVALID_RECORD);
        }
        expect((await produce(wire, topic, batch)).baseOffset).toBe(0);
      });
    },
  },
  {
    name: 'offsets by time name the record inside its batch, its time and its epoch',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'by-time-wire');
      await withWire(brokers, async (wire) => {
        const start = Date.now() - 10_000;
        const writer = new RecordBatchWriter();
        for (let i = 0; i < 5; i++) writer.append(start + 1000 * i, 'k', `v${i}`);
        await produce(wire, topic, writer.seal());
        const at = async (timestamp: number): Promise<unknown> => {
          const topics = [{ name: topic, partitions: [{ partitionIndex: 0, timestamp }] }];
          const answer = await wire.send(listOffsetsApi, 5, { replicaId: -1, topics });
          const { errorCode, offset, timestamp: found, leaderEpoch } = answer.topics[0]!.partitions[0]!;
          return [errorCode, offset, found, leaderEpoch];
        };
        expect(await at(start + 2500)).toEqual([ErrorCode.NONE, 3, start + 3000, 0]);
        expect(await at(start + 4001)).toEqual([ErrorCode.NONE, -1, -1, -1]);
        expect(await at(-2)).toEqual([ErrorCode.NONE, 0, -1, 0]);
        expect(await at(-3)).toEqual([ErrorCode.UNSUPPORTED_VERSION, -1, -1, -1]);
      });
    },
  },
  {
    name: 'records are deleted up to an offset or to the end, and never beyond it',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'delete-records-wire');
      await withWire(brokers, async (wire) => {
        await produce(wire, topic, batchOf(['a', 'b', 'c', 'd']));
        const before = async (offset: number): Promise<unknown> => {
          const topics = [{ name: topic, partitions: [{ partitionIndex: 0, offset }] }];
          const answer = await wire.send(deleteRecordsApi, 1, { timeoutMs: 5000, topics });
          const { errorCode, lowWatermark } = answer.topics[0]!.partitions[0]!;
          return [errorCode, lowWatermark];
        };
        expect(await before(2)).toEqual([ErrorCode.NONE, 2]);
        expect(await before(1)).toEqual([ErrorCode.NONE, 2]);
        expect(await before(5)).toEqual([ErrorCode.OFFSET_OUT_OF_RANGE, -1]);
        expect((await fetch(wire, topic, 1)).errorCode).toBe(ErrorCode.OFFSET_OUT_OF_RANGE);
        expect(await before(-1)).toEqual([ErrorCode.NONE, 4]);
      });
    },
  },
  {
    name: 'partitions are only added, once a request, and with an assignment for each if any',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'grow-wire');
      await withWire(brokers, async (wire) => {
        const grow = async (topics: RequestInputOf<typeof createPartitionsApi>['topics']): Promise<number[]> => {
          const request = { timeoutMs: 5000, validateOnly: true, topics };
          return (await wire.send(createPartitionsApi, 1, request)).results.map(({ errorCode }) => errorCode);
        };
        const to = (count: number, ...brokerIds: number[][]) => ({
          name: topic,
          count,
          assignments: brokerIds.length === 0 ? null : brokerIds.map((ids) => ({ brokerIds: ids })),
        });
        expect(await grow([to(3)])).toEqual([ErrorCode.NONE]);
        expect(await grow([to(1)])).toEqual([ErrorCode.INVALID_PARTITIONS]);
        expect(await grow([to(2), to(3)])).toEqual([ErrorCode.INVALID_REQUEST]);
        expect(await grow([to(3, [1])])).toEqual([ErrorCode.INVALID_REPLICA_ASSIGNMENT]);
        expect(await grow([to(3, [1], [1])])).toEqual([ErrorCode.NONE]);
      });
    },
  },
];
