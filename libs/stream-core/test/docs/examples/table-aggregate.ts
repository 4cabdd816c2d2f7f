import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

type Account = { plan: string; devices: number };
const accounts = { name: 'accounts', key: serdes.string, value: serdes.json<Account>() };

const builder = new StreamsBuilder();
builder
  .table(accounts, { storeName: 'accounts' })
  .groupBy(({ plan, devices }) => ({ key: plan, value: devices }), {
    name: 'by-plan',
    key: serdes.string,
    value: serdes.int,
  })
  .aggregate(
    () => 0,
    (sum, devices) => sum + devices,
    (sum, devices) => sum - devices,
    { name: 'sum-devices', storeName: 'devices-by-plan', value: serdes.long },
  )
  .toStream()
  .foreach((devices, plan) => console.log('  ', plan, devices));

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(accounts);
const change = (name: string, account: Account | null): void => {
  console.log(name, account);
  input.pipeInput(account, name);
};
change('demo/ana', { plan: 'basic', devices: 2 });
change('demo/ben', { plan: 'basic', devices: 1 });
change('demo/ana', { plan: 'basic', devices: 5 });
change('demo/ana', { plan: 'sports', devices: 5 });
change('demo/ben', null);
