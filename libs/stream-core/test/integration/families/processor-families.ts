import { serdes, stores } from '@playhead/stream-core';
import type {
  FixedKeyProcessor,
  FixedKeyProcessorContext,
  KeyValueStore,
  Processor,
  ProcessorContext,
  StreamRecord,
  WindowStore,
} from '@playhead/stream-core';
import { built, inputs, output, streamOf, text, texts, type Text } from './family-parts.ts';
import type { OperatorFamily } from './operator-family.ts';

/** Counts values by key; every 50 ms of stream time, and when the wall clock moves, it sends all counts. A header says what sent them. */
class Counter implements Processor<Text, Text, string, number> {
  #context!: ProcessorContext<string, number>;
  #counts!: KeyValueStore<string, number>;

  init(context: ProcessorContext<string, number>): void {
    this.#context = context;
    this.#counts = context.getStateStore('counts');
    context.schedule(50, 'STREAM_TIME', (timestamp) => this.#sendAll('stream-time', timestamp));
    context.schedule(1_000, 'WALL_CLOCK_TIME', (timestamp) => this.#sendAll('wall-clock', timestamp));
  }

  process(record: StreamRecord<Text, Text>): void {
    if (record.key === null) return;
    const count = (this.#counts.get(record.key) ?? 0) + 1;
    this.#counts.put(record.key, count);
    const { topic, offset } = this.#context.recordMetadata ?? { topic: '', offset: -1 };
    const place = { key: 'place', value: Buffer.from(`${topic.slice(-2)}@${offset}`) };
    this.#context.forward({ ...record, key: record.key, value: count, headers: [...record.headers, place] });
  }

  #sendAll(sender: string, timestamp: number): void {
    for (const { key, value } of this.#counts.all()) {
      this.#context.forward({ key, value, timestamp, headers: [{ key: 'sender', value: Buffer.from(sender) }] });
    }
  }
}

/** Gives each value the one before it within 30 ms, kept in a window store. */
class Previous implements FixedKeyProcessor<Text, Text, Text> {
  #context!: FixedKeyProcessorContext<Text, Text>;
  #seen!: WindowStore<string, string>;

  init(context: FixedKeyProcessorContext<Text, Text>): void {
    this.#context = context;
    this.#seen = context.getStateStore('seen');
  }

  process(record: StreamRecord<Text, Text>): void {
    const { key, value, timestamp } = record;
    if (key === null || value === null) return;
    const before = [...this.#seen.fetchRange(key, { fromMs: timestamp - 30, toMs: timestamp })].at(-1)?.value ?? 'none';
    this.#seen.put(key, value, timestamp, timestamp);
    this.#context.forward({ ...record, value: `${value} after ${before}` });
  }
}

/** Processors of the user's own. */
export const PROCESSOR_FAMILIES: readonly OperatorFamily[] = [
  {
    name: 'processors with stores, both kinds of punctuators, and headers',
    inputs: inputs(['in'], { seed: 51 }),
    outputs: { out: output(serdes.long) },
    stores: ['counts'],
    wallClockMs: 5_000,
    build: built((builder, topic) => {
      builder.addStateStore(stores.keyValue({ name: 'counts', key: text, value: serdes.long }));
      streamOf(builder, topic('in'))
        .process(() => new Counter(), { stores: ['counts'], name: 'count' })
        .to(topic('out'), { key: text, value: serdes.long });
    }),
  },
  {
    name: 'fixed-key processors with a window store',
    inputs: inputs(['in'], { seed: 52 }),
    outputs: { out: output(text) },
    stores: ['seen'],
    build: built((builder, topic) => {
      builder.addStateStore(stores.window({ name: 'seen', key: text, value: text, windowSizeMs: 30, retentionMs: 60 }));
      streamOf(builder, topic('in'))
        .processValues(() => new Previous(), { stores: ['seen'], name: 'previous' })
        .to(topic('out'), texts);
    }),
  },
];
