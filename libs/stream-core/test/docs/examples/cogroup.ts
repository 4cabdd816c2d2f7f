import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

type Engagement = { plays: number; searches: number };
const plays = { name: 'plays', key: serdes.string, value: serdes.string };
const searches = { name: 'searches', key: serdes.string, value: serdes.string };
const engagement = { name: 'engagement', key: serdes.string, value: serdes.json<Engagement>() };

const builder = new StreamsBuilder();
builder
  .stream(plays)
  .groupByKey()
  .cogroup<Engagement>((sum) => ({ ...sum, plays: sum.plays + 1 }))
  .cogroup(builder.stream(searches).groupByKey(), (sum) => ({ ...sum, searches: sum.searches + 1 }))
  .aggregate(() => ({ plays: 0, searches: 0 }), { name: 'engage', storeName: 'engagement', value: serdes.json() })
  .toStream()
  .to(engagement);

const driver = new TopologyTestDriver(builder.build());
driver.createInputTopic(searches).pipeInput('bridge', 'demo/ana', 1_000);
driver.createInputTopic(plays).pipeInput('the-bridge', 'demo/ana', 2_000);
driver.createInputTopic(plays).pipeInput('derby', 'demo/ana', 3_000);

for (const { key, value, timestamp } of driver.createOutputTopic(engagement).readRecords()) {
  console.log(timestamp, key, value);
}
