import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const entitlements = { name: 'entitlements', key: serdes.string, value: serdes.json<{ plan: string }>() };

function run(options: { storeName?: string }): void {
  const builder = new StreamsBuilder();
  builder
    .table(entitlements, options)
    .filter(({ plan }) => plan === 'sports', { name: 'sports' })
    .toStream()
    .foreach((value, account) => console.log('  ', account, value));
  const input = new TopologyTestDriver(builder.build()).createInputTopic(entitlements);
  for (const plan of ['basic', 'sports', 'basic']) {
    console.log(plan);
    input.pipeInput({ plan }, 'demo/ana');
  }
}

console.log('the table keeps nothing');
run({});
console.log('the table has a store');
run({ storeName: 'entitlements' });
