import { Topology, serdes } from '@playhead/stream-core';
import type { Processor, ProcessorContext, StreamRecord } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const positions = { name: 'positions', key: serdes.string, value: serdes.long };
const minutes = { name: 'minutes', key: serdes.string, value: serdes.int };

class ToMinutes implements Processor<string, number, string, number> {
  #context!: ProcessorContext<string, number>;

  init(context: ProcessorContext<string, number>): void {
    this.#context = context;
  }

  process(record: StreamRecord<string, number>): void {
    this.#context.forward({ ...record, value: Math.floor(record.value / 60_000) });
  }
}

const topology = new Topology()
  .addSource({ name: 'read', topics: [positions.name], key: serdes.string, value: serdes.long })
  .addProcessor({ name: 'to-minutes', supplier: () => new ToMinutes(), parents: ['read'] })
  .addSink({ name: 'write', topic: minutes.name, key: serdes.string, value: serdes.int, parents: ['to-minutes'] });

const driver = new TopologyTestDriver(topology);
driver.createInputTopic(positions).pipeInput(3_480_000, 'demo/ana/the-bridge', 1_000);
console.log(driver.createOutputTopic(minutes).readKeyValuesToList());
