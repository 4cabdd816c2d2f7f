import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.string };
const plans = { name: 'plans', key: serdes.string, value: serdes.string };
const billed = { name: 'billed', key: serdes.string, value: serdes.string };

const builder = new StreamsBuilder();
const planOf = builder.table(plans, { storeName: 'plans', historyMs: 60_000 });
builder
  .stream(plays)
  .join(planOf, (title, plan) => `${title} on ${plan}`, { name: 'bill', graceMs: 10_000 })
  .to(billed);

const driver = new TopologyTestDriver(builder.build());
const [play, plan] = [driver.createInputTopic(plays), driver.createInputTopic(plans)];
const output = driver.createOutputTopic(billed);
const show = (what: string): void => {
  const results = output.readRecords().map(({ value, timestamp }) => `${value} (${timestamp})`);
  console.log(what, results);
};

plan.pipeInput('basic', 'demo/ana', 5_000);
play.pipeInput('derby', 'demo/ana', 22_000);
show('play at 22 s');
play.pipeInput('trailer', 'demo/ana', 15_000);
show('play at 15 s');
plan.pipeInput('sports', 'demo/ana', 20_000);
show('plan of 20 s');
play.pipeInput('the-bridge', 'demo/ana', 33_000);
show('play at 33 s');
