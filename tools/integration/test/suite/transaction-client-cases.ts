import { expect } from '@jest/globals';
import type { Producer } from 'kafkajs';
import { eventually, type IntegrationCase, uniqueName } from './integration-case.ts';
import { consume, kafkaOf, newTopic, withAdmin } from './kafkajs-client.ts';

/** A transactional producer of kafkajs, which retries soon what the coordinator is not ready for. */
async function withTransactional<T>(
  brokers: readonly string[],
  transactionalId: string,
  use: (producer: Producer) => Promise<T>,
): Promise<T> {
  const producer = kafkaOf(brokers).producer({
    transactionalId,
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 5, retries: 20 },
  });
  await producer.connect();
  try {
    return await use(producer);
  } finally {
    await producer.disconnect();
  }
}

/** What kafkajs, which reads committed records, is given of a topic until `count` have come. */
const valuesOf = async (brokers: readonly string[], topic: string, count: number): Promise<(string | undefined)[]> =>
  (await consume(brokers, topic, count)).map(({ value }) => value?.toString());

const offsetOf = (brokers: readonly string[], groupId: string, topic: string): Promise<string> =>
  withAdmin(brokers, async (admin) => {
    const fetched = await admin.fetchOffsets({ groupId, topics: [topic] });
    return fetched[0]!.partitions[0]!.offset;
  });

export const transactionClientCases: readonly IntegrationCase[] = [
  {
    name: 'kafkajs commits records together with offsets, and what it aborts is not read',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'kafkajs-transaction');
      const groupId = uniqueName('group');
      await withTransactional(brokers, uniqueName('tx'), async (producer) => {
        for (const [round, committed] of [true, false, true].entries()) {
          const transaction = await producer.transaction();
          await transaction.send({ topic, messages: [{ key: 'k', value: `v${round}` }] });
          const partitions = [{ partition: 0, offset: String(10 * (round + 1)) }];
          await transaction.sendOffsets({ consumerGroupId: groupId, topics: [{ topic, partitions }] });
          await (committed ? transaction.commit() : transaction.abort());
          const expected = committed ? String(10 * (round + 1)) : '10';
          await eventually('the committed offset', async () =>
            (await offsetOf(brokers, groupId, topic)) === expected ? true : undefined,
          );
        }
      });
      expect(await valuesOf(brokers, topic, 2)).toEqual(['v0', 'v2']);
    },
  },
  {
    name: 'a second producer of kafkajs takes the transactional id from the first',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'kafkajs-fence');
      const transactionalId = uniqueName('tx');
      await withTransactional(brokers, transactionalId, async (first) => {
        const left = await first.transaction();
        await left.send({ topic, messages: [{ key: 'k', value: 'left open' }] });
        await withTransactional(brokers, transactionalId, async (second) => {
          const transaction = await second.transaction();
          await transaction.send({ topic, messages: [{ key: 'k', value: 'taken over' }] });
          await transaction.commit();
        });
        await expect(left.commit()).rejects.toThrow(/epoch|fenced/i);
      });
      expect(await valuesOf(brokers, topic, 1)).toEqual(['taken over']);
    },
  },
];
