import {
  createTopicsApi,
  ErrorCode,
  errorName,
  fetchApi,
  listOffsetsApi,
  produceApi,
  RecordCursor,
} from '@playhead/kafka-protocol';
import type { RawClient } from '@playhead/embedded-kafka/testing';

/** A partition of a topic. */
export interface PartitionName {
  readonly topic: string;
  readonly partition: number;
}

/** A broker's answer had an error code where none was expected. */
export class BrokerRefusal extends Error {
  readonly code: number;

  constructor(what: string, code: number) {
    super(`${what}: ${errorName(code)}`);
    this.name = 'BrokerRefusal';
    this.code = code;
  }
}

/** Creates topics; one that exists is left as it is. */
export async function createTopic(
  client: RawClient,
  name: string,
  numPartitions: number,
  configs: Readonly<Record<string, string>> = {},
): Promise<void> {
  const settings = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
  const { topics } = await client.send(createTopicsApi, 4, {
    topics: [{ name, numPartitions, replicationFactor: 1, configs: settings }],
  });
  const code = topics[0]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR;
  if (code !== ErrorCode.NONE && code !== ErrorCode.TOPIC_ALREADY_EXISTS) throw new BrokerRefusal(name, code);
}

/** Produces one batch with acks all; answers its first offset. Rejects with {@link BrokerRefusal}. */
export async function produce(
  client: RawClient,
  { topic, partition }: PartitionName,
  records: Buffer,
  transactionalId: string | null = null,
): Promise<number> {
  const { responses } = await client.send(produceApi, 8, {
    transactionalId,
    acks: -1,
    timeoutMs: 10_000,
    topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
  });
  const answer = responses[0]?.partitionResponses[0];
  if (answer === undefined || answer.errorCode !== ErrorCode.NONE) {
    throw new BrokerRefusal(`produce to ${topic}-${partition}`, answer?.errorCode ?? -1);
  }
  return answer.baseOffset;
}

/** One fetch without waiting, as the broker answers it. */
export async function fetchOnce(
  client: RawClient,
  { topic, partition }: PartitionName,
  fetchOffset: number,
  isolationLevel: 0 | 1 = 0,
) {
  const { responses } = await client.send(fetchApi, 11, {
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 8 * 1024 * 1024,
    isolationLevel,
    topics: [{ topic, partitions: [{ partition, fetchOffset, partitionMaxBytes: 4 * 1024 * 1024 }] }],
  });
  const answer = responses[0]?.partitions[0];
  if (answer === undefined || answer.errorCode !== ErrorCode.NONE) {
    throw new BrokerRefusal(`fetch of ${topic}-${partition} at ${fetchOffset}`, answer?.errorCode ?? -1);
  }
  return answer;
}

/** A record that was read. */
export interface LogRecord {
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly producerId: number;
}

/** The offset after the last record; with `committed` the last stable one. */
export async function endOffset(
  client: RawClient,
  { topic, partition }: PartitionName,
  committed = false,
): Promise<number> {
  const { topics } = await client.send(listOffsetsApi, 5, {
    isolationLevel: committed ? 1 : 0,
    topics: [{ name: topic, partitions: [{ partitionIndex: partition, timestamp: -1 }] }],
  });
  const answer = topics[0]?.partitions[0];
  if (answer === undefined || answer.errorCode !== ErrorCode.NONE) {
    throw new BrokerRefusal(`end of ${topic}-${partition}`, answer?.errorCode ?? -1);
  }
  return answer.offset;
}

/** Everything from `from` to the end as it is now; with `committed` without what was aborted or is not decided yet. */
export async function readToEnd(
  client: RawClient,
  where: PartitionName,
  from = 0,
  committed = false,
): Promise<readonly LogRecord[]> {
  const end = await endOffset(client, where, committed);
  const found: LogRecord[] = [];
  const cursor = new RecordCursor();
  for (let next = from; next < end;) {
    const { records, abortedTransactions } = await fetchOnce(client, where, next, committed ? 1 : 0);
    const aborted = [...(abortedTransactions ?? [])].sort((a, b) => a.firstOffset - b.firstOffset);
    const open = new Set<number>();
    cursor.reset(records ?? Buffer.alloc(0));
    const before = next;
    while (cursor.nextBatch()) {
      next = Math.max(next, cursor.lastOffset + 1);
      while (aborted[0] !== undefined && aborted[0].firstOffset <= cursor.lastOffset)
        open.add(aborted.shift()!.producerId);
      if (cursor.isControl) {
        open.delete(cursor.producerId);
        continue;
      }
      if (cursor.isTransactional && open.has(cursor.producerId)) continue;
      while (cursor.next()) {
        if (cursor.offset < before || cursor.offset >= end) continue;
        const text = (start: number, until: number): string | null =>
          start < 0 ? null : cursor.bytes.toString('utf8', start, until);
        found.push({
          offset: cursor.offset,
          key: text(cursor.keyStart, cursor.keyEnd),
          value: text(cursor.valueStart, cursor.valueEnd),
          producerId: cursor.producerId,
        });
      }
    }
    if (next === before)
      throw new Error(`nothing at ${before} of ${where.topic}-${where.partition}, whose end is ${end}`);
  }
  return found;
}
