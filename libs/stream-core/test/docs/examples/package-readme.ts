import { StreamsBuilder, TimeWindows, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

// What is in the topics: said once, with its types.
const beats = { name: 'beats', key: serdes.string, value: serdes.json<{ country: string; state: string }>() };
const audience = { name: 'audience', key: serdes.timeWindowed(serdes.string, 60_000), value: serdes.long };

// Viewers' beats per country and minute.
const builder = new StreamsBuilder();
builder
  .stream(beats)
  .filter((beat) => beat.state === 'PLAYING', { name: 'playing' })
  .groupBy((beat) => beat.country, { name: 'by-country', key: serdes.string })
  .windowedBy(TimeWindows.of({ sizeMs: 60_000, graceMs: 10_000 }))
  .count({ storeName: 'audience' })
  .toStream()
  .to(audience);
const topology = builder.build();

// The same topology runs in `new KafkaStreams(topology, config)` and, without Kafka and in virtual time, in the driver.
const driver = new TopologyTestDriver(topology);
const input = driver.createInputTopic(beats);
input.pipeInput({ country: 'NZ', state: 'PLAYING' }, 'demo/acc-1', 5_000);
input.pipeInput({ country: 'NZ', state: 'PAUSED' }, 'demo/acc-2', 6_000);
input.pipeInput({ country: 'NZ', state: 'PLAYING' }, 'demo/acc-3', 64_000);

for (const { key, value } of driver.createOutputTopic(audience).readRecords()) console.log(`${key} ${value}`);
