import { expect } from '@jest/globals';
import kafkajs from 'kafkajs';
import { eventually, type IntegrationCase, uniqueName } from './integration-case.ts';
import { consume, createTopic, newTopic, partitionsServed, withAdmin, withProducer } from './kafkajs-client.ts';

const topicConfig = async (brokers: readonly string[], topic: string, name: string): Promise<string | undefined> => {
  const described = await withAdmin(brokers, (admin) =>
    admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: [name] }],
    }),
  );
  return described.resources[0]?.configEntries.find((entry) => entry.configName === name)?.configValue;
};

export const adminCases: readonly IntegrationCase[] = [
  {
    name: 'a created topic has its partitions with a leader each',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'partitions', 5);
      const metadata = await withAdmin(brokers, (admin) => admin.fetchTopicMetadata({ topics: [topic] }));
      const partitions = metadata.topics[0]!.partitions;
      expect(partitions.map((partition) => partition.partitionId).sort()).toEqual([0, 1, 2, 3, 4]);
      expect(partitions.every((partition) => partition.leader >= 0)).toBe(true);
    },
  },
  {
    name: 'creating a topic twice says that it exists',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'twice');
      const created = await withAdmin(brokers, (admin) =>
        admin.createTopics({ topics: [{ topic, numPartitions: 1 }] }),
      );
      expect(created).toBe(false);
    },
  },
  {
    name: 'validate only creates nothing',
    run: async (brokers) => {
      const topic = uniqueName('validate');
      await withAdmin(brokers, async (admin) => {
        await admin.createTopics({ validateOnly: true, waitForLeaders: false, topics: [{ topic, numPartitions: 1 }] });
        expect(await admin.listTopics()).not.toContain(topic);
      });
    },
  },
  {
    name: 'an unknown topic setting is refused',
    run: async (brokers) => {
      await expect(newTopic(brokers, 'bad-config', 1, { 'no.such.setting': '1' })).rejects.toThrow();
    },
  },
  {
    name: 'a topic name with a slash is refused',
    run: async (brokers) => {
      await withAdmin(brokers, async (admin) => {
        await expect(admin.createTopics({ topics: [{ topic: 'a/b', numPartitions: 1 }] })).rejects.toThrow();
      });
    },
  },
  {
    name: 'settings given at creation are described, altered ones too',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'configs', 1, { 'retention.ms': '3600000', 'cleanup.policy': 'compact' });
      expect(await topicConfig(brokers, topic, 'retention.ms')).toBe('3600000');
      expect(await topicConfig(brokers, topic, 'cleanup.policy')).toBe('compact');
      await withAdmin(brokers, (admin) =>
        admin.alterConfigs({
          validateOnly: false,
          resources: [
            {
              type: kafkajs.ConfigResourceTypes.TOPIC,
              name: topic,
              configEntries: [{ name: 'retention.ms', value: '7200000' }],
            },
          ],
        }),
      );
      const altered = await eventually('the altered setting', async () =>
        (await topicConfig(brokers, topic, 'retention.ms')) === '7200000' ? true : undefined,
      );
      expect(altered).toBe(true);
    },
  },
  {
    name: 'partitions can be added and the new ones take records',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'grow', 1);
      await withAdmin(brokers, async (admin) => {
        await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
        await partitionsServed(admin, topic, 3);
      });
      await withProducer(brokers, (producer) => producer.send({ topic, messages: [{ partition: 2, value: 'new' }] }));
      const [message] = await consume(brokers, topic, 1);
      expect(message!.partition).toBe(2);
    },
  },
  {
    name: 'a deleted topic is gone and can be created anew, empty',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'delete');
      await withProducer(brokers, (producer) => producer.send({ topic, messages: [{ value: 'old' }] }));
      await withAdmin(brokers, async (admin) => {
        await admin.deleteTopics({ topics: [topic] });
        await eventually('the topic to go', async () =>
          (await admin.listTopics()).includes(topic) ? undefined : true,
        );
        await createTopic(admin, topic);
        const offsets = await eventually('the end offset', () => admin.fetchTopicOffsets(topic).catch(() => undefined));
        expect(offsets[0]!.high).toBe('0');
      });
    },
  },
  {
    name: 'deleting records moves the start of the log',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'delete-records');
      await withProducer(brokers, (producer) =>
        producer.send({ topic, messages: Array.from({ length: 10 }, (_, i) => ({ value: `v${i}` })) }),
      );
      await withAdmin(brokers, async (admin) => {
        // kafkajs looks the leader up among the topics it already knows
        await admin.fetchTopicOffsets(topic);
        await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] });
        const [offsets] = await admin.fetchTopicOffsets(topic);
        expect(offsets).toMatchObject({ low: '6', high: '10' });
      });
      const messages = await consume(brokers, topic, 4);
      expect(messages.map((message) => message.offset)).toEqual(['6', '7', '8', '9']);
    },
  },
  {
    name: 'offsets are found by time',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'by-time');
      const base = Date.now() - 100_000;
      await withProducer(brokers, async (producer) => {
        for (let i = 0; i < 5; i++) {
          await producer.send({ topic, messages: [{ value: `v${i}`, timestamp: String(base + i * 1000) }] });
        }
      });
      await withAdmin(brokers, async (admin) => {
        const at = async (timestamp: number): Promise<string> =>
          (await admin.fetchTopicOffsetsByTimestamp(topic, timestamp))[0]!.offset;
        expect(await at(base + 2000)).toBe('2');
        expect(await at(base + 2001)).toBe('3');
        expect(await at(base - 1)).toBe('0');
        expect(await at(base + 999_999)).toBe('5');
      });
    },
  },
  {
    name: 'the cluster names a controller that is one of its brokers',
    run: async (brokers) => {
      const cluster = await withAdmin(brokers, (admin) => admin.describeCluster());
      expect(cluster.brokers.map((broker) => broker.nodeId)).toContain(cluster.controller);
    },
  },
];
