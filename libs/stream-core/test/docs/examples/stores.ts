import { StreamsBuilder, TimeWindows, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.string };

const builder = new StreamsBuilder();
const group = builder.stream(plays).groupByKey();
group.count({ storeName: 'plays-by-title', logConfig: { 'segment.ms': '3600000' } });
group
  .windowedBy(TimeWindows.of({ sizeMs: 3_600_000, graceMs: 0 }))
  .count({ storeName: 'plays-by-hour', retentionMs: 86_400_000 });

const topology = builder.build();
for (const { name, config } of topology.plan('trending').internalTopics) console.log(name, config);

const driver = new TopologyTestDriver(topology);
const input = driver.createInputTopic(plays);
input.pipeInput('demo/ana', 'derby', 1_000);
input.pipeInput('demo/ben', 'the-bridge', 3_700_000);

console.log(driver.keyValueStore('plays-by-title').getWithTimestamp('derby'));
for (const { key, windowStartMs, value } of driver.windowStore('plays-by-hour').all())
  console.log(key, windowStartMs, value);
