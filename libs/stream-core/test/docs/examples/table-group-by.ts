import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const entitlements = { name: 'entitlements', key: serdes.string, value: serdes.json<{ plan: string }>() };

const builder = new StreamsBuilder();
builder
  .table(entitlements, { storeName: 'entitlements' })
  .groupBy(({ plan }, account) => ({ key: plan, value: account }), {
    name: 'by-plan',
    key: serdes.string,
    value: serdes.string,
  })
  .count({ storeName: 'accounts-by-plan' })
  .toStream()
  .foreach((count, plan) => console.log('  ', plan, count));

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(entitlements);
for (const [account, plan] of [
  ['demo/ana', 'basic'],
  ['demo/ben', 'basic'],
  ['demo/ana', 'sports'],
] as const) {
  console.log(account, plan);
  input.pipeInput({ plan }, account);
}
