import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const live = { name: 'live-plays', key: serdes.string, value: serdes.string };
const onDemand = { ...live, name: 'vod-plays' };
const plays = { ...live, name: 'plays' };

const builder = new StreamsBuilder();
builder.stream(live).merge(builder.stream(onDemand), { name: 'all-plays' }).to(plays);

const driver = new TopologyTestDriver(builder.build());
driver.createInputTopic(live).pipeInput('derby', 's-1', 1_000);
driver.createInputTopic(onDemand).pipeInput('the-bridge', 's-2', 500);

for (const { key, value, timestamp } of driver.createOutputTopic(plays).readRecords()) {
  console.log(timestamp, key, value);
}
