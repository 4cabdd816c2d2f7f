import { StreamsBuilder, UnlimitedWindows, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.string };

const builder = new StreamsBuilder();
builder
  .stream(plays)
  .groupByKey()
  .windowedBy(UnlimitedWindows.of({ startMs: 1_000_000 }))
  .count({ storeName: 'plays-since-launch' })
  .toStream()
  .foreach((count, { key, startMs, endMs }) => console.log(key, startMs, endMs, count));

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(plays);
for (const time of [999_999, 1_000_000, 5_000_000]) input.pipeInput('demo/ana', 'derby', time);
console.log(driver.droppedRecords);
