import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const beats = { name: 'beats', key: serdes.string, value: serdes.json<{ title: string }>() };
const viewers = { name: 'viewers', key: serdes.string, value: serdes.long };

const builder = new StreamsBuilder();
builder
  .stream(beats)
  .selectKey((beat) => beat.title, { name: 'select-title' })
  .groupByKey({ name: 'by-title', key: serdes.string })
  .count({ storeName: 'beats-by-title' })
  .toStream()
  .to(viewers);

const driver = new TopologyTestDriver(builder.build());
driver.createInputTopic(beats).pipeInput({ title: 'derby' }, 's-1', 1_000);

for (const { topic, key, timestamp } of driver.produced) console.log(topic, `${timestamp} ${key}`);
