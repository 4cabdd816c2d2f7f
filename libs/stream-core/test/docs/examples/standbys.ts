import { setTimeout } from 'node:timers/promises';
import { startTestBroker } from '@playhead/embedded-kafka/testing';
import { KafkaStreams, StreamsBuilder, serdes } from '@playhead/stream-core';
import { KafkaClient, RecordProducer } from '@playhead/stream-core/client';

const plays = { name: 'plays', key: serdes.string, value: serdes.string };
const broker = await startTestBroker();
const kafka = { brokers: [broker.address], clientId: 'titles' };
const client = new KafkaClient(kafka);
await client.createTopics([{ topic: plays.name, partitions: 1 }]);

const builder = new StreamsBuilder();
builder.stream(plays).groupByKey().count({ storeName: 'plays-by-title' });
const topology = builder.build();
const start = async (zone: string): Promise<KafkaStreams> => {
  const config = { applicationId: 'titles', kafka, numStandbyReplicas: 1, clientTags: { zone } };
  const streams = new KafkaStreams(topology, config);
  streams.onRestore(({ kind, store, restoredRecords }) => console.log(zone, kind, store, restoredRecords));
  await streams.start();
  return streams;
};
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await setTimeout(5);
};

const first = await start('a');
const producer = new RecordProducer(client);
const bound = await producer.send({ topic: plays, key: 'derby', value: 'ana' });
await first.query('plays-by-title').get('derby', { bound, acknowledged: true });

const second = await start('b');
await until(() => second.standbys().some(({ lag }) => lag === 0));
console.log(
  'b keeps up',
  second.standbys()[0]?.task,
  'of',
  first.metadataForStore('plays-by-title').length,
  'instances',
);

// It leaves the group at once; the standby goes on from where it is, and restores nothing.
await first.close();
await until(() => second.tasks().some(({ state }) => state === 'RUNNING'));
console.log('b has counted', (await second.query('plays-by-title').get('derby')).value);

await producer.close();
await second.close();
await client.close();
await broker.close();
