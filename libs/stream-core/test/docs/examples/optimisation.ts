import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const titles = { name: 'titles', key: serdes.string, value: serdes.string };
const plays = { name: 'plays', key: serdes.string, value: serdes.json<{ title: string; account: string }>() };

const builder = new StreamsBuilder();
builder.table(titles, { storeName: 'titles' });
const byTitle = builder.stream(plays).selectKey((play) => play.title, { name: 'select-title' });
const group = { key: serdes.string };
byTitle.groupByKey({ ...group, name: 'to-count' }).count({ storeName: 'plays-by-title' });
byTitle.groupByKey({ ...group, name: 'to-find-last' }).reduce((_last, play) => play, { storeName: 'last-play' });

for (const optimize of ['none', 'all'] as const) {
  console.log(optimize);
  for (const { kind, name } of builder.build({ optimize }).plan('app').internalTopics) console.log('  ', kind, name);
}

const driver = new TopologyTestDriver(builder.build({ optimize: 'all' }));
driver.createInputTopic(plays).pipeInput({ title: 'derby', account: 'demo/ana' }, 's-1', 1_000);
console.log(driver.keyValueStore('plays-by-title').get('derby'), driver.keyValueStore('last-play').get('derby'));
