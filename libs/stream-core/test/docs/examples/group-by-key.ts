import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.json<{ title: string }>() };

const builder = new StreamsBuilder();
builder.stream(plays).groupByKey().count({ storeName: 'plays-by-account' });
builder
  .stream(plays)
  .selectKey((play) => play.title)
  .groupByKey({ name: 'by-title', key: serdes.string })
  .count({ storeName: 'plays-by-title' });

console.log(
  builder
    .build()
    .plan('app')
    .internalTopics.map(({ name }) => name)
    .sort(),
);

const driver = new TopologyTestDriver(builder.build());
driver.createInputTopic(plays).pipeInput({ title: 'derby' }, 'demo/ana', 1_000);
console.log(
  driver.keyValueStore('plays-by-account').get('demo/ana'),
  driver.keyValueStore('plays-by-title').get('derby'),
);
