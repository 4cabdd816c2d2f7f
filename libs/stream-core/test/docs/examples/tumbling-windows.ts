import { StreamsBuilder, TimeWindows, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const beats = { name: 'beats', key: serdes.string, value: serdes.string };
const audience = { name: 'audience', key: serdes.timeWindowed(serdes.string, 60_000), value: serdes.long };

const builder = new StreamsBuilder();
builder
  .stream(beats)
  .groupByKey()
  .windowedBy(TimeWindows.of({ sizeMs: 60_000, graceMs: 10_000 }))
  .count({ storeName: 'audience' })
  .toStream()
  .to(audience);

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(beats);
for (const time of [5_000, 64_000, 58_000, 70_000, 59_000]) input.pipeInput('PLAYING', 'NZ', time);

for (const { key, value, timestamp } of driver.createOutputTopic(audience).readRecords()) {
  console.log(timestamp, `${key}`, value);
}
console.log(driver.dropped);
