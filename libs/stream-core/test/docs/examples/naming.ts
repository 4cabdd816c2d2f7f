import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.json<{ title: string }>() };

const generated = new StreamsBuilder();
generated
  .stream(plays)
  .groupBy((play) => play.title, { key: serdes.string })
  .count();
console.log(
  generated
    .build()
    .plan('app')
    .internalTopics.map(({ name }) => name),
);
try {
  generated.build({ ensureNames: true });
} catch (error) {
  console.log(`${error}`);
}

const named = new StreamsBuilder();
named
  .stream(plays)
  .groupBy((play) => play.title, { name: 'by-title', key: serdes.string })
  .count({ storeName: 'plays-by-title' });
console.log(
  named
    .build({ ensureNames: true })
    .plan('app')
    .internalTopics.map(({ name }) => name),
);

const driver = new TopologyTestDriver(named.build());
driver.createInputTopic(plays).pipeInput({ title: 'derby' }, 'demo/ana', 1_000);
console.log(driver.produced.map(({ topic }) => topic));
