import { KafkaStreams, StreamsBuilder, serdes } from '@playhead/stream-core';
import { KafkaClient, RecordProducer, TailReader } from '@playhead/stream-core/client';

const beats = { name: 'beats', key: serdes.string, value: serdes.string };
const counts = { name: 'counts', key: serdes.string, value: serdes.long };

export async function countBeats(brokers: readonly string[]): Promise<readonly string[]> {
  const client = new KafkaClient({ brokers, clientId: 'demo' });
  await client.createTopics([
    { topic: beats.name, partitions: 2 },
    { topic: counts.name, partitions: 2 },
  ]);

  const builder = new StreamsBuilder();
  builder.stream(beats).groupByKey().count({ storeName: 'beats-per-session' }).toStream().to(counts);
  const streams = new KafkaStreams(builder.build(), {
    applicationId: 'beat-counter',
    kafka: { brokers, clientId: 'beat-counter' },
  });
  await streams.start();

  const producer = new RecordProducer(client);
  const written = await producer.send({ topic: beats, key: 'demo/s-1', value: 'PLAYING' });

  // Answered when that very record has been processed and Kafka has what came of it.
  const query = streams.query('beats-per-session');
  const { value } = await query.get('demo/s-1', { bound: written, acknowledged: true });

  const seen = [`asked: ${value}`];
  const reader = new TailReader(client, {
    topic: counts,
    from: 'earliest',
    onRecord: (record) => seen.push(`read: ${record.key} ${record.value}`),
    onError: (error) => seen.push(`stopped: ${error.message}`),
  });
  await reader.start();
  await reader.caughtUp;

  await reader.close();
  await producer.close();
  await streams.close();
  await client.close();
  return seen;
  // asked: 1
  // read: demo/s-1 1
}
