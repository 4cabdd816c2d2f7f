import { KafkaClient, RecordProducer, TailReader } from '@playhead/stream-core/client';
import { serdes } from '@playhead/stream-core';

const TOPIC = 'bench.floor';
const INTERVAL_MS = 20;

export interface Floor {
  /** Milliseconds from the call of `send` to the record in a tailing reader, since the last `reset`. */
  readonly latenciesMs: readonly number[];
  reset(): void;
  close(): Promise<void>;
}

/** The broker's own produce → fetch, measured at 50 records a second beside the load: what no service above it can beat. */
export async function startFloor(brokers: readonly string[]): Promise<Floor> {
  const client = new KafkaClient({ brokers, clientId: 'bench-floor' });
  await client.createTopics([{ topic: TOPIC, partitions: 1 }]);
  const producer = new RecordProducer(client, { lingerMs: 0 });
  const latenciesMs: number[] = [];
  const sentAt = new Map<number, number>();
  const reader = new TailReader(client, {
    topic: { name: TOPIC, key: serdes.bytes, value: serdes.bytes },
    from: 'latest',
    onRecord: ({ timestamp }) => {
      const sent = sentAt.get(timestamp);
      if (sent !== undefined) latenciesMs.push(performance.now() - sent);
      sentAt.delete(timestamp);
    },
    onError: (error) => {
      throw error;
    },
  });
  await reader.start();
  let last = 0;
  const timer = setInterval(() => {
    last = Math.max(Date.now(), last + 1);
    sentAt.set(last, performance.now());
    producer
      .send({ topic: TOPIC, key: null, value: Buffer.alloc(300), timestamp: last, partition: 0 })
      .catch(() => undefined);
  }, INTERVAL_MS);
  return {
    latenciesMs,
    reset: () => {
      latenciesMs.length = 0;
    },
    close: async () => {
      clearInterval(timer);
      await producer.close();
      await reader.close();
      await client.close();
    },
  };
}
