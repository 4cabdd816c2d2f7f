import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const profiles = { name: 'profiles', key: serdes.string, value: serdes.string };
const plans = { name: 'plans', key: serdes.string, value: serdes.string };

const builder = new StreamsBuilder();
const left = builder.table(profiles, { storeName: 'profiles' });
const right = builder.table(plans, { storeName: 'plans' });
const show = (name: string | null, plan: string | null): string => `${name ?? '–'} on ${plan ?? '–'}`;
left.join(right, show, { name: 'inner' }).toStream().to('inner', { value: serdes.string });
left.leftJoin(right, show, { name: 'left' }).toStream().to('left', { value: serdes.string });
left.outerJoin(right, show, { name: 'outer' }).toStream().to('outer', { value: serdes.string });

const driver = new TopologyTestDriver(builder.build());
const results = ['inner', 'left', 'outer'].map((name) => driver.createOutputTopic({ ...plans, name }));
const change = (topic: typeof plans, row: string | null): void => {
  driver.createInputTopic(topic).pipeInput(row, 'demo/ana');
  const sent = results.map((result) => (result.isEmpty ? 'nothing' : (result.readValue() ?? 'delete')));
  console.log(`${topic.name} = ${row}:`, sent.join(' | '));
};
change(plans, 'sports');
change(profiles, 'Ana');
change(plans, null);
change(plans, null);
change(profiles, null);
change(profiles, null);
