import { createTopics, SchemaRegistrySource } from '@playhead/event-schemas';
import { KafkaClient, TailReader } from '@playhead/stream-core/client';
import type { Services } from './services.ts';

/** What the log of the beats has: records, and how many of them by their id. */
export async function countHeartbeats({
  brokers,
  registry,
}: Pick<Services, 'brokers' | 'registry'>): Promise<{ readonly records: number; readonly distinct: number }> {
  const ids = new Set<string>();
  let records = 0;
  const client = new KafkaClient({ brokers: brokers.split(','), clientId: 'bench-log' });
  const reader = new TailReader(client, {
    topic: createTopics({ partitions: 4, replicationFactor: 1 }).heartbeats,
    from: 'earliest',
    schemas: new SchemaRegistrySource({ url: registry }),
    onRecord: ({ value }) => {
      if (value === null) return;
      records += 1;
      ids.add(value.eventId);
    },
    onError: (error) => {
      throw error;
    },
  });
  try {
    await reader.start();
    await reader.caughtUp;
  } finally {
    await reader.close();
    await client.close();
  }
  return { records, distinct: ids.size };
}
