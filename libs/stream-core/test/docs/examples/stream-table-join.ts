import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.string };
const entitlements = { name: 'entitlements', key: serdes.string, value: serdes.json<{ plan: string }>() };
const allowed = { name: 'allowed', key: serdes.string, value: serdes.string };
const checked = { name: 'checked', key: serdes.string, value: serdes.string };

const builder = new StreamsBuilder();
const plans = builder.table(entitlements, { storeName: 'plans' });
const stream = builder.stream(plays);
stream.join(plans, (title, { plan }) => `${title} on ${plan}`, { name: 'with-plan' }).to(allowed);
stream.leftJoin(plans, (title, found) => `${title} on ${found?.plan ?? 'nothing'}`, { name: 'check' }).to(checked);

const driver = new TopologyTestDriver(builder.build());
const [play, plan] = [driver.createInputTopic(plays), driver.createInputTopic(entitlements)];
play.pipeInput('derby', 'demo/ana', 10_000);
plan.pipeInput({ plan: 'sports' }, 'demo/ana', 20_000);
play.pipeInput('derby', 'demo/ana', 5_000);
play.pipeInput('derby', null, 30_000);

for (const topic of [allowed, checked]) {
  for (const { timestamp, value } of driver.createOutputTopic(topic).readRecords()) {
    console.log(topic.name, timestamp, value);
  }
}
