import { Topology, serdes, stores } from '@playhead/stream-core';
import type { KeyValueStore, ProcessorContext, ProcessorSupplier } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const titles = { name: 'title-durations', key: serdes.string, value: serdes.long };
const positions = { name: 'positions', key: serdes.string, value: serdes.long };
const completion = { name: 'completion', key: serdes.string, value: serdes.int };

/** Keeps what the topic of titles says. */
const keepDurations: ProcessorSupplier<string, number, never, never> = () => {
  let durations: KeyValueStore<string, number>;
  return {
    init: (context) => void (durations = context.getStateStore('durations')),
    process: ({ key, value }) => durations.put(key, value),
  };
};

/** Turns positions within titles into percents. */
const toPercent: ProcessorSupplier<string, number, string, number> = () => {
  let context: ProcessorContext<string, number>;
  return {
    init: (given) => void (context = given),
    process(record) {
      const duration = context.getStateStore<KeyValueStore<string, number>>('durations').get(record.key);
      if (duration !== null) context.forward({ ...record, value: Math.round((100 * record.value) / duration) });
    },
  };
};

const [key, value] = [serdes.string, serdes.long];
const topology = new Topology()
  .addReadOnlyStateStore({
    builder: stores.keyValue({ name: 'durations', key, value }),
    topic: titles.name,
    key,
    value,
    source: 'read-titles',
    processor: 'keep-titles',
    supplier: keepDurations,
  })
  .addSource({ name: 'read', topics: [positions.name], key, value })
  .addProcessor({ name: 'to-percent', supplier: toPercent, parents: ['read'], stores: ['durations'] })
  .addSink({ name: 'write', topic: completion.name, key, value: serdes.int, parents: ['to-percent'] });

const driver = new TopologyTestDriver(topology);
driver.createInputTopic(titles).pipeInput(3_480_000, 'the-bridge', 1_000);
driver.createInputTopic(positions).pipeInput(870_000, 'the-bridge', 2_000);
console.log(driver.createOutputTopic(completion).readKeyValuesToList());
for (const { kind, name } of topology.plan('app').internalTopics) console.log(kind, name);
