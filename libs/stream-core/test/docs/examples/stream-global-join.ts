import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.json<{ titleId: string | null }>() };
const titles = { name: 'titles', key: serdes.string, value: serdes.string };
const inner = { name: 'inner', key: serdes.string, value: serdes.string };
const left = { name: 'left', key: serdes.string, value: serdes.string };

const builder = new StreamsBuilder();
const catalogue = builder.globalTable(titles, { storeName: 'catalogue' });
const stream = builder.stream(plays);
stream
  .joinGlobal(
    catalogue,
    (play) => play.titleId,
    (_play, title) => title,
    { name: 'named' },
  )
  .to(inner);
stream
  .leftJoinGlobal(
    catalogue,
    (play) => play.titleId,
    (_play, title) => title ?? 'unknown',
    { name: 'all' },
  )
  .to(left);

const driver = new TopologyTestDriver(builder.build());
driver.createInputTopic(titles).pipeInput('The Bridge', 't-1', 1_000);
const input = driver.createInputTopic(plays);
for (const titleId of ['t-1', 't-9', null]) input.pipeInput({ titleId }, 'demo/ana', 2_000);

console.log('joinGlobal', driver.createOutputTopic(inner).readValuesToList());
console.log('leftJoinGlobal', driver.createOutputTopic(left).readValuesToList());
console.log(driver.dropped);
