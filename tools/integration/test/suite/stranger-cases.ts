import { expect } from '@jest/globals';
import {
  createTopicsApi,
  describeConfigsApi,
  describeGroupsApi,
  ErrorCode,
  fetchApi,
  incrementalAlterConfigsApi,
  metadataApi,
} from '@playhead/kafka-protocol';
import { newGroup } from './group-requests.ts';
import { eventually, type IntegrationCase, uniqueName } from './integration-case.ts';
import { newTopic } from './kafkajs-client.ts';
import { fetchRequest, offsetsIn, produce } from './log-requests.ts';
import { batchOf, withWire, type WireClient } from './wire-client.ts';

const TOPIC = 2;
const SET = 0;
const APPEND = 2;
const SUBTRACT = 3;
/** READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS by their numbers in access control. */
const ON_TOPIC = [3, 4, 5, 6, 7, 8, 10, 11];
const ON_CLUSTER = [5, 7, 8, 9, 10, 11, 12];
const ON_GROUP = [3, 6, 8, 10, 11];

const bitsOf = (field: number): number[] =>
  Array.from({ length: 31 }, (_, bit) => bit).filter((bit) => field & (1 << bit));

async function cleanupPolicy(wire: WireClient, topic: string): Promise<string | null | undefined> {
  const resources = [{ resourceType: TOPIC, resourceName: topic, configurationKeys: ['cleanup.policy'] }];
  return (await wire.send(describeConfigsApi, 2, { resources })).results[0]?.configs[0]?.value;
}

/** What the test suites of other clients ask of a broker and no other case here does. */
export const strangerCases: readonly IntegrationCase[] = [
  {
    name: 'a whole fetch may name a session that there is not (kafka-go)',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'whole-fetch');
      await withWire(brokers, async (wire) => {
        await produce(wire, topic, batchOf(['a']));
        const request = fetchRequest(topic, 0, {});
        const answer = await wire.send(fetchApi, 11, { ...request, sessionId: -1, sessionEpoch: -1 });
        expect([answer.errorCode, answer.sessionId]).toEqual([ErrorCode.NONE, 0]);
        expect(offsetsIn(answer.responses[0]!.partitions[0]!.records)).toEqual([0]);
      });
    },
  },
  {
    name: 'everything is authorized where there is no access control (librdkafka 0081)',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'authorized');
      await withWire(brokers, async (wire) => {
        const metadata = await wire.send(metadataApi, 8, {
          topics: [{ name: topic }],
          includeClusterAuthorizedOperations: true,
          includeTopicAuthorizedOperations: true,
        });
        expect(bitsOf(metadata.topics[0]!.topicAuthorizedOperations)).toEqual(ON_TOPIC);
        expect(bitsOf(metadata.clusterAuthorizedOperations)).toEqual(ON_CLUSTER);
        const groups = [await newGroup(wire)];
        const described = await wire.send(describeGroupsApi, 4, { groups, includeAuthorizedOperations: true });
        expect(bitsOf(described.groups[0]!.authorizedOperations)).toEqual(ON_GROUP);
        const unasked = await wire.send(metadataApi, 8, { topics: [{ name: topic }] });
        expect(unasked.topics[0]!.topicAuthorizedOperations).toBe(-0x8000_0000);
      });
    },
  },
  {
    name: 'a list of a setting may be empty, and is told without spaces and each word once (confluent-kafka)',
    run: (brokers) =>
      withWire(brokers, async (wire) => {
        const name = uniqueName('policies');
        const configs = [{ name: 'cleanup.policy', value: ' compact , delete,compact' }];
        const topics = [{ name, numPartitions: 1, replicationFactor: 1, configs }];
        const created = await wire.send(createTopicsApi, 4, { topics, timeoutMs: 10_000 });
        expect(created.topics[0]!.errorCode).toBe(ErrorCode.NONE);
        await eventually('the policy', async () =>
          (await cleanupPolicy(wire, name)) === 'compact,delete' ? true : undefined,
        );
        const change = async (configOperation: number, value: string): Promise<number> => {
          const resource = { resourceType: TOPIC, resourceName: name };
          const { responses } = await wire.send(incrementalAlterConfigsApi, 0, {
            resources: [{ ...resource, configs: [{ name: 'cleanup.policy', configOperation, value }] }],
          });
          return responses[0]!.errorCode;
        };
        expect(await change(SET, 'compact,delete')).toBe(ErrorCode.NONE);
        expect(await change(SUBTRACT, 'compact,delete')).toBe(ErrorCode.NONE);
        await eventually('no policy', async () => ((await cleanupPolicy(wire, name)) === '' ? true : undefined));
        expect(await change(APPEND, 'delete')).toBe(ErrorCode.NONE);
        await eventually('a policy', async () => ((await cleanupPolicy(wire, name)) === 'delete' ? true : undefined));
        expect(await change(APPEND, 'shrink')).toBe(ErrorCode.INVALID_CONFIG);
      }),
  },
];
