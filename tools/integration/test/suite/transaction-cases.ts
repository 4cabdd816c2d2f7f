import { expect } from '@jest/globals';
import { ErrorCode, RecordBatchWriter } from '@playhead/kafka-protocol';
import type { IntegrationCase } from './integration-case.ts';
import { newTopic } from './kafkajs-client.ts';
import { produce } from './log-requests.ts';
import {
  committedOf,
  contentOf,
  fetchIsolated,
  Isolation,
  listIsolated,
  TransactionalProducer,
} from './transactional-producer.ts';
import { batchOf, withWire, type WireClient } from './wire-client.ts';

const NONE = ErrorCode.NONE;
/** Far longer than a case may take: who waits for this fails. */
const FOR_EVER_MS = 50_000;

/** A topic of its own and a producer that has begun a transaction in its partition 0. */
async function begun(
  brokers: readonly string[],
  wire: WireClient,
  partitions = 1,
): Promise<{ readonly topic: string; readonly producer: TransactionalProducer }> {
  const topic = await newTopic(brokers, 'transaction', partitions);
  const producer = await TransactionalProducer.start(wire, topic);
  expect(await producer.add()).toBe(NONE);
  return { topic, producer };
}

export const transactionCases: readonly IntegrationCase[] = [
  {
    name: 'committed records are read with their marker behind them',
    run: (brokers) =>
      withWire(brokers, async (wire) => {
        const { topic, producer } = await begun(brokers, wire);
        expect(await producer.produce(['a', 'b'])).toMatchObject({ errorCode: NONE, baseOffset: 0 });
        expect(await producer.end(true)).toBe(NONE);
        const read = await fetchIsolated(wire, topic, 0);
        expect(read).toMatchObject({ errorCode: NONE, highWatermark: 3, lastStableOffset: 3, abortedTransactions: [] });
        expect(contentOf(read.records)).toEqual(['0:a', '1:b', '2:commit']);
        expect(committedOf(read)).toEqual(['a', 'b']);
      }),
  },
  {
    name: 'aborted records are named to who reads committed ones, and only to them',
    run: (brokers) =>
      withWire(brokers, async (wire) => {
        const { topic, producer } = await begun(brokers, wire);
        await producer.produce(['gone']);
        expect(await producer.end(false)).toBe(NONE);
        await produce(wire, topic, batchOf(['stays']));
        const { producerId } = producer.identity;
        const read = await fetchIsolated(wire, topic, 0);
        expect(read.abortedTransactions).toEqual([{ producerId, firstOffset: 0 }]);
        expect(contentOf(read.records)).toEqual(['0:gone', '1:abort', '2:stays']);
        expect(committedOf(read)).toEqual(['stays']);
        const raw = await fetchIsolated(wire, topic, 0, { isolationLevel: Isolation.UNCOMMITTED });
        expect([raw.abortedTransactions, contentOf(raw.records).length]).toEqual([null, 3]);
      }),
  },
  {
    name: 'an open transaction holds back what comes after it, for reads and for offsets',
    run: (brokers) =>
      withWire(brokers, async (wire) => {
        const { topic, producer } = await begun(brokers, wire);
        const startedMs = Date.now();
        const before = new RecordBatchWriter();
        before.append(startedMs - 1000, 'k', 'before');
        await produce(wire, topic, before.seal());
        await producer.produce(['open']);
        await produce(wire, topic, batchOf(['behind']));
        const read = await fetchIsolated(wire, topic, 0);
        expect(read).toMatchObject({ errorCode: NONE, highWatermark: 3, lastStableOffset: 1 });
        expect(contentOf(read.records)).toEqual(['0:before']);
        const behind = await fetchIsolated(wire, topic, 2);
        expect([behind.errorCode, contentOf(behind.records)]).toEqual([NONE, []]);
        const raw = await fetchIsolated(wire, topic, 1, { isolationLevel: Isolation.UNCOMMITTED });
        expect(contentOf(raw.records)).toEqual(['1:open', '2:behind']);
        expect(await listIsolated(wire, topic, -1)).toBe(1);
        expect(await listIsolated(wire, topic, -1, Isolation.UNCOMMITTED)).toBe(3);
        expect(await listIsolated(wire, topic, startedMs)).toBe(-1);
        expect(await listIsolated(wire, topic, startedMs, Isolation.UNCOMMITTED)).toBe(1);
        await producer.end(true);
        expect(await listIsolated(wire, topic, -1)).toBe(4);
        expect(committedOf(await fetchIsolated(wire, topic, 1))).toEqual(['open', 'behind']);
      }),
  },
  {
    name: 'the end of a transaction wakes who waits for committed records',
    run: (brokers) =>
      withWire(brokers, (reader) =>
        withWire(brokers, async (wire) => {
          const { topic, producer } = await begun(brokers, wire);
          await producer.produce(['awaited']);
          const waiting = fetchIsolated(reader, topic, 0, { maxWaitMs: FOR_EVER_MS });
          await producer.produce(['more']);
          await producer.end(true);
          expect(committedOf(await waiting)).toEqual(['awaited', 'more']);
        }),
      ),
  },
  {
    name: 'overlapping aborted transactions are named from wherever a read begins',
    run: (brokers) =>
      withWire(brokers, async (wire) => {
        const { topic, producer: one } = await begun(brokers, wire);
        const two = await TransactionalProducer.start(wire, topic);
        await two.add();
        for (const producer of [one, two, one, two]) expect((await producer.produce(['v'])).errorCode).toBe(NONE);
        const ids = new Map([
          [one.identity.producerId, 'one'],
          [two.identity.producerId, 'two'],
        ]);
        const abortedFrom = async (offset: number): Promise<unknown> => {
          const { abortedTransactions, lastStableOffset } = await fetchIsolated(wire, topic, offset);
          const named = (abortedTransactions ?? []).map(
            ({ producerId, firstOffset }) => `${ids.get(producerId)}@${firstOffset}`,
          );
          return [lastStableOffset, named];
        };
        await one.end(false);
        expect(await abortedFrom(0)).toEqual([1, ['one@0']]);
        await two.end(false);
        for (const offset of [0, 2, 4]) expect(await abortedFrom(offset)).toEqual([6, ['one@0', 'two@1']]);
        expect(await abortedFrom(5)).toEqual([6, ['two@1']]);
        expect(await abortedFrom(6)).toEqual([6, []]);
        expect(committedOf(await fetchIsolated(wire, topic, 2))).toEqual([]);
      }),
  },
  {
    name: 'sequences go on from transaction to transaction, committed or aborted',
    run: (brokers) =>
      withWire(brokers, async (wire) => {
        const { topic, producer } = await begun(brokers, wire);
        for (const [round, committed] of [true, false, true].entries()) {
          if (round > 0) {
            expect(await producer.add()).toBe(NONE);
            const gap = producer.batch(['x'], { baseSequence: round + 1 });
            expect((await producer.produceBatch(gap)).errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
          }
          expect((await producer.produce([`v${round}`])).errorCode).toBe(NONE);
          expect(await producer.end(committed)).toBe(NONE);
        }
        expect(committedOf(await fetchIsolated(wire, topic, 0))).toEqual(['v0', 'v2']);
      }),
  },
  {
    name: 'behind a batch that came before its transaction no other is taken',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'too-early');
      await withWire(brokers, async (wire) => {
        const producer = await TransactionalProducer.start(wire, topic);
        const code = async (baseSequence: number): Promise<number> =>
          (await producer.produceBatch(producer.batch(['v'], { baseSequence }))).errorCode;
        expect(await code(0)).toBe(ErrorCode.INVALID_TXN_STATE);
        await producer.add();
        expect(await code(1)).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
        expect(await code(0)).toBe(NONE);
        expect(await code(1)).toBe(NONE);
      });
    },
  },
  {
    name: 'a batch that is sent again is stored once, and refused when its transaction is over',
    run: (brokers) =>
      withWire(brokers, async (wire) => {
        const { topic, producer } = await begun(brokers, wire);
        const batch = producer.batch(['once'], { baseSequence: 0 });
        const copies = [Buffer.from(batch), Buffer.from(batch), Buffer.from(batch)];
        expect(await producer.produceBatch(copies[0]!)).toMatchObject({ errorCode: NONE, baseOffset: 0 });
        expect(await producer.produceBatch(copies[1]!)).toMatchObject({ errorCode: NONE, baseOffset: 0 });
        await producer.end(true);
        expect((await producer.produceBatch(copies[2]!)).errorCode).toBe(ErrorCode.INVALID_TXN_STATE);
        expect(contentOf((await fetchIsolated(wire, topic, 0)).records)).toEqual(['0:once', '1:commit']);
      }),
  },
  {
    name: 'a marker goes to every partition of the transaction, written or not',
    run: (brokers) =>
      withWire(brokers, async (wire) => {
        const { topic, producer } = await begun(brokers, wire, 3);
        await producer.add([1]);
        await producer.produce(['a']);
        await producer.end(true);
        const read = async (partition: number): Promise<string[]> =>
          contentOf((await fetchIsolated(wire, topic, 0, { partition })).records);
        expect(await read(0)).toEqual(['0:a', '1:commit']);
        expect(await read(1)).toEqual(['0:commit']);
        expect(await read(2)).toEqual([]);
      }),
  },
];
