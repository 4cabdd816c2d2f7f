import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const titles = { name: 'titles', key: serdes.string, value: serdes.json<{ name: string }>() };

const builder = new StreamsBuilder();
const table = builder.table(titles, { name: 'catalogue', storeName: 'titles-by-id' });
table.toStream().foreach((title, id) => console.log('changed', id, title));

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(titles);
input.pipeInput({ name: 'The Bridge' }, 't-1', 5_000);
input.pipeInput({ name: 'Bron/Broen' }, 't-1', 4_000);
input.pipeInput(null, 't-2', 6_000);

console.log(table.queryableStoreName, [...driver.keyValueStore('titles-by-id').all()]);
