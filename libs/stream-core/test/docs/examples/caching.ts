import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.string };

function run(cacheMaxBytes: number): void {
  const builder = new StreamsBuilder();
  builder
    .stream(plays)
    .groupByKey()
    .count({ storeName: 'plays-by-title' })
    .toStream()
    .foreach((count, title) => console.log('  ', title, count));
  const driver = new TopologyTestDriver(builder.build(), { cacheMaxBytes, commitInterval: { records: 3 } });
  const input = driver.createInputTopic(plays);
  for (const title of ['derby', 'the-bridge', 'derby', 'derby']) input.pipeInput('demo/ana', title, 1_000);
  console.log('   the store has', driver.keyValueStore('plays-by-title').get('derby'));
}

console.log('without a cache');
run(0);
console.log('with a cache');
run(1_000_000);
