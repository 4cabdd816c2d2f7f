import {
  BATCH_HEADER_BYTES,
  batchSizeAt,
  createTopicsApi,
  fetchApi,
  produceApi,
  readBatchHeader,
  RecordBatchWriter,
} from '@playhead/kafka-protocol';
import { RawClient } from '@playhead/embedded-kafka/testing';

const BATCH_BYTES = 16 * 1024;
const VALUE_BYTES = 100;
const PARTITIONS = 4;
/** Unanswered requests on a connection, as clients have them. */
const MAX_UNANSWERED = 5;
const FETCH_BYTES = 1024 * 1024;

/** A batch that does not grow beyond 16 KB, of records with a key and 100 bytes of value. */
export function makeBatch(records = Infinity): { readonly bytes: Buffer; readonly records: number } {
  const writer = new RecordBatchWriter();
  const value = Buffer.alloc(VALUE_BYTES, 'v');
  let count = 0;
  do {
    writer.append(Date.now(), `account-${count % 1000}`, value);
    count++;
  } while (count < records && writer.sizeInBytes + VALUE_BYTES + 20 < BATCH_BYTES);
  return { bytes: Buffer.from(writer.seal()), records: count };
}

/** Creates a topic to measure with. */
export async function createTopic(client: RawClient, name: string): Promise<void> {
  const topics = [{ name, numPartitions: PARTITIONS, replicationFactor: 1 }];
  const answer = await client.send(createTopicsApi, 4, { topics });
  if (answer.topics[0]?.errorCode !== 0) throw new Error(`topic ${name}: error ${answer.topics[0]?.errorCode}`);
}

async function sendBatch(client: RawClient, topic: string, partition: number, records: Buffer): Promise<void> {
  const topicData = [{ name: topic, partitionData: [{ index: partition, records }] }];
  const { responses } = await client.send(produceApi, 7, { acks: -1, timeoutMs: 30_000, topicData });
  const errorCode = responses[0]?.partitionResponses[0]?.errorCode;
  if (errorCode !== 0) throw new Error(`produce: error ${errorCode}`);
}

/** Produces at least so many records in 16 KB batches with acks all, over one connection for each partition; answers how many. */
export async function produceRecords(port: number, topic: string, count: number): Promise<number> {
  const batch = makeBatch();
  const batches = Math.ceil(count / batch.records);
  let sent = 0;
  const connection = async (partition: number): Promise<void> => {
    const client = await RawClient.connect(port);
    const lane = async (): Promise<void> => {
      while (sent++ < batches) await sendBatch(client, topic, partition, batch.bytes);
    };
    await Promise.all(Array.from({ length: MAX_UNANSWERED }, lane));
    await client.close();
  };
  await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => connection(partition)));
  return batches * batch.records;
}

/** Consumes everything, over one connection for each partition; looks at headers only. Answers how many records came. */
export async function consumeRecords(port: number, topic: string): Promise<number> {
  const counts = await Promise.all(
    Array.from({ length: PARTITIONS }, async (_, partition) => {
      const client = await RawClient.connect(port);
      let records = 0;
      for (let fetchOffset = 0; ;) {
        const { responses } = await client.send(fetchApi, 11, {
          maxWaitMs: 0,
          minBytes: 1,
          maxBytes: FETCH_BYTES,
          topics: [{ topic, partitions: [{ partition, fetchOffset, partitionMaxBytes: FETCH_BYTES }] }],
        });
        const answer = responses[0]?.partitions[0];
        if (answer?.errorCode !== 0) throw new Error(`fetch: error ${answer?.errorCode}`);
        const next = countRecords(answer.records ?? Buffer.alloc(0), (count) => (records += count));
        if (next < 0) break;
        fetchOffset = next;
      }
      await client.close();
      return records;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Counts the records of whole batches; answers the offset after them, −1 where there is none. */
function countRecords(records: Buffer, add: (count: number) => void): number {
  let next = -1;
  for (let position = 0; position + BATCH_HEADER_BYTES <= records.length;) {
    const header = readBatchHeader(records, position);
    const size = batchSizeAt(records, position);
    if (header === undefined || position + size > records.length) break;
    add(header.recordCount);
    next = header.lastOffset + 1;
    position += size;
  }
  return next;
}

/** Sends single records one after another; answers how long each took until it was acknowledged, in milliseconds. */
export async function sendSingles(port: number, topic: string, count: number): Promise<readonly number[]> {
  const client = await RawClient.connect(port);
  const { bytes } = makeBatch(1);
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const started = performance.now();
    await sendBatch(client, topic, i % PARTITIONS, bytes);
    times.push(performance.now() - started);
  }
  await client.close();
  return times;
}
