import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.json<{ title: string }>() };
const counts = { name: 'counts', key: serdes.string, value: serdes.long };

const builder = new StreamsBuilder();
builder
  .stream(plays, { name: 'plays' })
  .groupBy((play) => play.title, { name: 'by-title', key: serdes.string })
  .count({ name: 'count', storeName: 'plays-by-title' })
  .toStream({ name: 'changes' })
  .to(counts, { name: 'write' });
const topology = builder.build();

console.log(topology.describe());
for (const { name, kind } of topology.plan('trending').internalTopics) console.log(kind, name);

const driver = new TopologyTestDriver(topology, { applicationId: 'trending' });
driver.createInputTopic(plays).pipeInput({ title: 'derby' }, 'demo/ana', 1_000);
console.log(driver.createOutputTopic(counts).readKeyValuesToList());
