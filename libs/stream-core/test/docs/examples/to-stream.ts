import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const entitlements = { name: 'entitlements', key: serdes.string, value: serdes.string };
const notices = { name: 'notices', key: serdes.string, value: serdes.string };

const builder = new StreamsBuilder();
builder
  .table(entitlements)
  .toStream({ name: 'changes' })
  .mapValues((plan) => (plan === null ? 'subscription ended' : `now on ${plan}`))
  .to(notices);

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(entitlements);
input.pipeInput('sports', 'demo/ana', 1_000);
input.pipeInput(null, 'demo/ana', 2_000);

for (const { key, value, timestamp } of driver.createOutputTopic(notices).readRecords()) {
  console.log(timestamp, key, value);
}
