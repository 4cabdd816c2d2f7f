import { type KafkaClient, partitionOfKey, RecordProducer, type RecordMetadata } from '@playhead/stream-core/client';
import { ACCOUNTS, accountKey, BATCH_BYTES, generateBeats, PARTITIONS, WINDOW_MS, WINDOWS } from './workload.ts';

const MAX_UNACKNOWLEDGED = 20_000;

/** Fills `topic` with `count` seeded heartbeats in 16 KB batches, keyed by account, and waits until all are acknowledged. */
export async function fillTopic(client: KafkaClient, topic: string, count: number): Promise<void> {
  const keys = Array.from({ length: ACCOUNTS }, (_, account) => accountKey(account));
  const partitions = keys.map((key) => partitionOfKey(key, PARTITIONS));
  const producer = new RecordProducer(client, { lingerMs: 5, maxBatchBytes: BATCH_BYTES });
  const baseMs = Math.floor((Date.now() - 2 * WINDOWS * WINDOW_MS) / WINDOW_MS) * WINDOW_MS;
  let sent: Promise<RecordMetadata>[] = [];
  for (const { account, value, timestamp } of generateBeats(count, baseMs)) {
    const record = { topic, key: keys[account]!, partition: partitions[account]!, timestamp };
    sent.push(producer.send({ ...record, value: Buffer.from(value) }));
    if (sent.length < MAX_UNACKNOWLEDGED) continue;
    await Promise.all(sent);
    sent = [];
  }
  await Promise.all(sent);
  await producer.close();
}
