import { calls } from './calls.ts';
import type { Cluster } from './cluster.ts';
import { brokerError } from './errors.ts';
import { groupByTopic, PartitionMap } from './partition-map.ts';
import type { IsolationLevel, PartitionOffset, PartitionStart, TopicPartition } from './types.ts';

const EARLIEST = -2;
const LATEST = -1;
const DELETE_TIMEOUT_MS = 30_000;

/** Asks each partition's leader; partitions that fail are asked again after a refresh, the others are not. */
export async function listOffsets(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  at: 'earliest' | 'latest' | number,
  isolation: IsolationLevel,
): Promise<PartitionOffset[]> {
  const timestamp = at === 'earliest' ? EARLIEST : at === 'latest' ? LATEST : at;
  const found = new PartitionMap<PartitionOffset>();
  await atLeaders(
    cluster,
    partitions,
    (partition) => found.get(partition) !== undefined,
    async (leader, open) => {
      const answer = await cluster.ask(leader, calls.listOffsets, {
        isolationLevel: isolation === 'read_committed' ? 1 : 0,
        topics: Array.from(groupByTopic(open), ([name, group]) => ({
          name,
          partitions: group.map(({ partition }) => ({ partitionIndex: partition, timestamp })),
        })),
      });
      return answer.topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, errorCode, offset, timestamp: foundAt }) => {
          const place = { topic: name, partition: partitionIndex };
          if (errorCode === 0) found.set(place, { ...place, offset, timestamp: foundAt });
          return { ...place, errorCode };
        }),
      );
    },
  );
  return partitions.map((partition) => found.get(partition) ?? { ...partition, offset: -1, timestamp: -1 });
}

/** Moves the beginning of each partition up to its given offset; −1 is the high watermark. */
export async function deleteRecords(cluster: Cluster, before: readonly PartitionStart[]): Promise<void> {
  const done = new PartitionMap<true>();
  await atLeaders(
    cluster,
    before,
    (partition) => done.get(partition) === true,
    async (leader, open) => {
      const answer = await cluster.ask(leader, calls.deleteRecords, {
        topics: Array.from(groupByTopic(open), ([name, group]) => ({
          name,
          partitions: group.map(({ partition, offset }) => ({ partitionIndex: partition, offset })),
        })),
        timeoutMs: DELETE_TIMEOUT_MS,
      });
      return answer.topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, errorCode }) => {
          const place = { topic: name, partition: partitionIndex };
          if (errorCode === 0) done.set(place, true);
          return { ...place, errorCode };
        }),
      );
    },
  );
}

/** Asks leaders until every partition is done; the first error code of an attempt decides whether there is another. */
function atLeaders<P extends TopicPartition>(
  cluster: Cluster,
  partitions: readonly P[],
  isDone: (partition: P) => boolean,
  ask: (
    leader: { host: string; port: number },
    open: readonly P[],
  ) => Promise<(TopicPartition & { errorCode: number })[]>,
): Promise<void> {
  const topics = new Set(partitions.map(({ topic }) => topic));
  return cluster.retrying(async (repetition) => {
    const open = partitions.filter((partition) => !isDone(partition));
    const isKnown = open.every(({ topic, partition }) => cluster.metadata.leaderOf(topic, partition) !== undefined);
    if (repetition > 0 || !isKnown) await cluster.refresh(topics);
    const answers = await Promise.all(Array.from(cluster.byLeader(open), ([leader, group]) => ask(leader, group)));
    for (const { topic, partition, errorCode } of answers.flat()) {
      if (errorCode !== 0) throw brokerError(errorCode, 'offsets', { topic, partition });
    }
  });
}
