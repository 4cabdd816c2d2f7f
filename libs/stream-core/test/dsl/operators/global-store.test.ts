import { expect, test } from '@jest/globals';
import { StreamsBuilder, Topology, TopologyError, stores } from '@playhead/stream-core';
import type { KeyValueStore, Processor, ProcessorContext } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { TEXT, streamIn } from '../operator-driver.ts';

type Text = string | null;

const prices = () => stores.keyValue({ name: 'prices', ...TEXT });

/** Keeps the lowest price of a title. */
function lowest(): Processor<Text, Text, never, never> {
  let kept: KeyValueStore<string, string>;
  return {
    init: (context) => void (kept = context.getStateStore('prices')),
    process({ key, value }) {
      if (key === null || value === null) return;
      const present = kept.get(key);
      if (present === null || Number(value) < Number(present)) kept.put(key, value);
    },
  };
}

/** Says what a title costs. */
function ask(): Processor<Text, Text, Text, Text> {
  let context: ProcessorContext<Text, Text>;
  return {
    init: (given) => void (context = given),
    process(record) {
      const store = context.getStateStore<KeyValueStore<string, string>>('prices');
      context.forward({ ...record, value: store.get(record.value ?? '') });
    },
  };
}

test('a processor fills a global store, which every processor sees without being connected', () => {
  const builder = new StreamsBuilder();
  builder.addGlobalStore<Text, Text, KeyValueStore<string, string>>({
    builder: prices(),
    topic: 'offers',
    supplier: lowest,
    ...TEXT,
  });
  streamIn(builder).process<Text, Text>(ask).to('out', TEXT);
  const driver = new TopologyTestDriver(builder.build());
  const offers = driver.createInputTopic({ name: 'offers', ...TEXT });
  for (const price of ['5', '3', '4']) offers.pipeInput(price, 't-1', 1);
  offers.pipeInput('0', null, 2);
  driver.createInputTopic({ name: 'in', ...TEXT }).pipeInput('t-1', 'k', 3);
  expect(driver.createOutputTopic({ name: 'out', ...TEXT }).readValuesToList()).toEqual(['3']);
  expect(driver.droppedRecords).toBe(0);
});

test('its processor is told where each record came from: it had no metadata', () => {
  const places: unknown[] = [];
  const builder = new StreamsBuilder();
  builder.addGlobalStore<Text, Text, KeyValueStore<string, string>>({
    builder: prices(),
    topic: 'offers',
    supplier: () => {
      let context: ProcessorContext<never, never>;
      return { init: (given) => void (context = given), process: () => void places.push(context.recordMetadata) };
    },
    ...TEXT,
  });
  const driver = new TopologyTestDriver(builder.build());
  const offers = driver.createInputTopic({ name: 'offers', ...TEXT });
  for (const price of ['5', null]) offers.pipeInput(price, 't-1', 1);
  expect(places).toEqual([0, 1].map((offset) => ({ topic: 'offers', partition: 0, offset })));
});

test('it has the names and numbers it has in Kafka Streams', () => {
  const builder = new StreamsBuilder();
  builder.addGlobalStore<Text, Text, KeyValueStore<string, string>>({
    builder: prices(),
    topic: 'offers',
    supplier: lowest,
    ...TEXT,
  });
  expect(builder.build().describe()).toBe(
    [
      'Topologies:',
      '   Sub-topology: 0 for global store (will not generate tasks)',
      '    Source: KSTREAM-SOURCE-0000000000 (topics: [offers])',
      '      --> KTABLE-SOURCE-0000000001',
      '    Processor: KTABLE-SOURCE-0000000001 (stores: [prices])',
      '      --> none',
      '      <-- KSTREAM-SOURCE-0000000000',
      '',
    ].join('\n'),
  );
});

test('its processor cannot forward', () => {
  const topology = new Topology().addGlobalStore<string, string, KeyValueStore<string, string>>({
    builder: prices(),
    topic: 'offers',
    source: 'offers-source',
    processor: 'keep',
    supplier: () => {
      let context: ProcessorContext<never, never>;
      return { init: (given) => void (context = given), process: (record) => context.forward(record as never) };
    },
    ...TEXT,
  });
  const offers = new TopologyTestDriver(topology).createInputTopic({ name: 'offers', ...TEXT });
  expect(() => offers.pipeInput('5', 't-1', 1)).toThrow(TopologyError);
});
