import { type KafkaClient, partitionOfKey, RecordProducer } from '@playhead/stream-core/client';
import { ACCOUNTS, BATCH_BYTES, generateBeats, PARTITIONS, WINDOW_MS, WINDOWS } from './workload.ts';

const MAX_UNACKNOWLEDGED = 20_000;

/** Fills `topic` with `count` seeded heartbeats in 16 KB batches, keyed by account, and waits until all are acknowledged. */
export async function fillTopic(client: KafkaClient, topic: string, count: number): Promise<void> {
  const keys = Array.from({ length: ACCOUNTS }, (_, i) => Buffer.from(`t1/acc-${i}`));
  const partitions = keys.map((key) => partitionOfKey(key, PARTITIONS));
  const producer = new RecordProducer(client, { lingerMs: 5, maxBatchBytes: BATCH_BYTES });
  const baseMs = Math.floor((Date.now() - 2 * WINDOWS * WINDOW_MS) / WINDOW_MS) * WINDOW_MS;
  const records: { key: Buffer; partition: number; value: Buffer; timestamp: number }[] = [];
  generateBeats(count, baseMs, (account, value, timestamp) => {
    records.push({ key: keys[account]!, partition: partitions[account]!, value: Buffer.from(value), timestamp });
  });
  for (let from = 0; from < records.length; from += MAX_UNACKNOWLEDGED) {
    await Promise.all(
      records.slice(from, from + MAX_UNACKNOWLEDGED).map((record) => producer.send({ topic, ...record })),
    );
  }
  await producer.close();
}
