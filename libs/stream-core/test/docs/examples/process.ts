import { StreamsBuilder, serdes, stores } from '@playhead/stream-core';
import type { KeyValueStore, Processor, ProcessorContext, StreamRecord } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const bitrates = { name: 'bitrates', key: serdes.string, value: serdes.int };
const drops = { name: 'bitrate-drops', key: serdes.string, value: serdes.string };

/** Tells when a session's bitrate falls below half of what it was. */
class DropDetector implements Processor<string, number, string, string> {
  #context!: ProcessorContext<string, string>;
  #last!: KeyValueStore<string, number>;

  init(context: ProcessorContext<string, string>): void {
    this.#context = context;
    this.#last = context.getStateStore('last-bitrate');
  }

  process(record: StreamRecord<string, number>): void {
    const before = this.#last.get(record.key);
    this.#last.put(record.key, record.value);
    if (before === null || record.value >= before / 2) return;
    this.#context.forward({ ...record, value: `${before} -> ${record.value} kbit/s` });
  }
}

const builder = new StreamsBuilder();
builder.addStateStore(stores.keyValue({ name: 'last-bitrate', key: serdes.string, value: serdes.int }));
builder
  .stream(bitrates)
  .process(() => new DropDetector(), { name: 'detect-drops', stores: ['last-bitrate'] })
  .to(drops);

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(bitrates);
for (const [kbps, time] of [
  [4_800, 1_000],
  [4_200, 2_000],
  [900, 3_000],
] as const) {
  input.pipeInput(kbps, 's-1', time);
}

for (const { key, value, timestamp } of driver.createOutputTopic(drops).readRecords()) {
  console.log(timestamp, key, value);
}
