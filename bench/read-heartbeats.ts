import { createTopics, SchemaRegistrySource } from '@playhead/event-schemas';
import type { PlaybackHeartbeat } from '@playhead/event-schemas';
import { KafkaClient, TailReader } from '@playhead/stream-core/client';

/** Where the beats lie. */
export interface HeartbeatLog {
  readonly brokers: readonly string[];
  /** Address of the schema registry. */
  readonly registry: string;
}

/** Calls `onBeat` for every beat that the topic has now, in the order of each partition. Rejects when it cannot be read. */
export async function readHeartbeats(
  { brokers, registry }: HeartbeatLog,
  onBeat: (beat: PlaybackHeartbeat, offset: number) => void,
): Promise<void> {
  const client = new KafkaClient({ brokers, clientId: 'bench-log' });
  const reader = new TailReader(client, {
    topic: createTopics({ partitions: 4, replicationFactor: 1 }).heartbeats,
    from: 'earliest',
    schemas: new SchemaRegistrySource({ url: registry }),
    onRecord: ({ value, offset }) => {
      if (value !== null) onBeat(value, offset);
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
}
