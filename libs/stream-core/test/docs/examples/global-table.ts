import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const titles = { name: 'titles', key: serdes.string, value: serdes.json<{ name: string }>() };
const plays = { name: 'plays', key: serdes.string, value: serdes.json<{ titleId: string }>() };
const named = { name: 'named-plays', key: serdes.string, value: serdes.string };

const builder = new StreamsBuilder();
const catalogue = builder.globalTable(titles, { storeName: 'catalogue' });
builder
  .stream(plays)
  .joinGlobal(
    catalogue,
    (play) => play.titleId,
    (_play, title) => title.name,
  )
  .to(named);

const driver = new TopologyTestDriver(builder.build(), { partitions: { plays: 4, titles: 1 } });
driver.createInputTopic(titles).pipeInput({ name: 'The Bridge' }, 't-1', 1_000);
driver.createInputTopic(plays).pipeInput({ titleId: 't-1' }, 'demo/ana', 2_000);

console.log(driver.createOutputTopic(named).readKeyValuesToList());
