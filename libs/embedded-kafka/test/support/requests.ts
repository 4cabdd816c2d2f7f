import {
  createTopicsApi,
  fetchApi,
  listOffsetsApi,
  produceApi,
  type RequestInputOf,
  type ResponseOf,
} from '@playhead/kafka-protocol';
import type { RawClient } from './raw-client.ts';

type FetchPartition = ResponseOf<typeof fetchApi>['responses'][number]['partitions'][number];
type ProducePartition = ResponseOf<typeof produceApi>['responses'][number]['partitionResponses'][number];

/** Settings of one Fetch; the defaults ask for everything of partition 0 at once. */
export interface FetchOptions {
  readonly partition?: number;
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly partitionMaxBytes?: number;
  readonly currentLeaderEpoch?: number;
  readonly isolationLevel?: number;
  readonly version?: number;
}

/** A Produce request for one partition. */
export function produceRequest(
  topic: string,
  records: Buffer | null,
  options: { readonly acks?: number; readonly partition?: number } = {},
): RequestInputOf<typeof produceApi> {
  const { acks = -1, partition = 0 } = options;
  return { acks, timeoutMs: 1000, topicData: [{ name: topic, partitionData: [{ index: partition, records }] }] };
}

/** Produces one batch to one partition and answers that partition's response. */
export async function produceOne(
  client: RawClient,
  topic: string,
  records: Buffer | null,
  options: { readonly acks?: number; readonly partition?: number; readonly version?: number } = {},
): Promise<ProducePartition> {
  const { responses } = await client.send(produceApi, options.version ?? 8, produceRequest(topic, records, options));
  return responses[0]?.partitionResponses[0] as ProducePartition;
}

/** A Fetch request for one partition. */
export function fetchRequest(
  topic: string,
  fetchOffset: number,
  options: FetchOptions = {},
): RequestInputOf<typeof fetchApi> {
  const {
    partition = 0,
    maxWaitMs = 0,
    minBytes = 1,
    maxBytes = 50_000_000,
    partitionMaxBytes = 1_000_000,
    currentLeaderEpoch = -1,
    isolationLevel = 0,
  } = options;
  return {
    maxWaitMs,
    minBytes,
    maxBytes,
    isolationLevel,
    topics: [{ topic, partitions: [{ partition, fetchOffset, partitionMaxBytes, currentLeaderEpoch }] }],
  };
}

/** Fetches one partition and answers its response. */
export async function fetchOne(
  client: RawClient,
  topic: string,
  fetchOffset: number,
  options: FetchOptions = {},
): Promise<FetchPartition> {
  const { responses } = await client.send(fetchApi, options.version ?? 11, fetchRequest(topic, fetchOffset, options));
  return responses[0]?.partitions[0] as FetchPartition;
}

/** Creates a topic; throws unless that succeeded. */
export async function createTopic(
  client: RawClient,
  name: string,
  numPartitions = 1,
  config: Readonly<Record<string, string>> = {},
): Promise<void> {
  const configs = Object.entries(config).map(([key, value]) => ({ name: key, value }));
  const { topics } = await client.send(createTopicsApi, 4, {
    topics: [{ name, numPartitions, replicationFactor: 1, configs }],
  });
  if (topics[0]?.errorCode !== 0) throw new Error(`topic ${name}: ${topics[0]?.errorMessage}`);
}

/** The offset that ListOffsets answers for partition 0: −1 the end, −2 the beginning, else by time. */
export async function listOffset(client: RawClient, topic: string, timestamp: number): Promise<number> {
  const { topics } = await client.send(listOffsetsApi, 5, {
    topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp }] }],
  });
  return topics[0]?.partitions[0]?.offset as number;
}
