import { startTestBroker } from '@playhead/embedded-kafka/testing';
import { KafkaStreams, QueryError, StreamsBuilder, TimeWindows, serdes } from '@playhead/stream-core';
import { KafkaClient, RecordProducer } from '@playhead/stream-core/client';

const plays = { name: 'plays', key: serdes.string, value: serdes.string };
const broker = await startTestBroker();
const kafka = { brokers: [broker.address], clientId: 'titles' };
const client = new KafkaClient(kafka);
await client.createTopics([{ topic: plays.name, partitions: 4 }]);

const builder = new StreamsBuilder();
const byTitle = builder.stream(plays).groupByKey();
byTitle.count({ storeName: 'plays-by-title' });
byTitle.windowedBy(TimeWindows.of({ sizeMs: 60_000, graceMs: 0 })).count({ storeName: 'plays-by-minute' });
const streams = new KafkaStreams(builder.build(), { applicationId: 'titles', kafka });
await streams.start();

const producer = new RecordProducer(client);
const minute = Math.floor(Date.now() / 60_000) * 60_000;
await producer.send({ topic: plays, key: 'derby', value: 'ana', timestamp: minute });
const bound = await producer.send({ topic: plays, key: 'derby', value: 'bo', timestamp: minute });

const titles = streams.query<string, number>('plays-by-title');
console.log('after that record:', (await titles.get('derby', { bound })).value);
console.log('or stale:', (await titles.get('derby', { staleWithin: 1_000 })).value);
const minutes = streams.query<string, number>('plays-by-minute');
const { windows } = await minutes.fetch('derby', minute, minute + 60_000);
console.log('by minute:', windows.map(({ value }) => value).join());
const { partition, owner, standbys } = streams.queryMetadataForKey('plays-by-title', 'derby');
console.log('partition', partition, 'is here:', owner?.isLocal, 'standbys:', standbys.length);

const tooFar = { ...bound, offset: bound.offset + 1 };
const answer = titles.get('derby', { bound: tooFar, timeoutMs: 20 });
const error = await answer.catch((caught: unknown) => caught);
if (error instanceof QueryError) console.log('refused:', error.reason);

await producer.close();
await streams.close();
await client.close();
await broker.close();
