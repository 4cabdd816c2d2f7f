import type { Processor } from '../../src/processor/processor.ts';
import type { ProcessorContext } from '../../src/processor/processor-context.ts';
import { serdes } from '../../src/serde/serdes.ts';
import type { KeyValueStore } from '../../src/state/key-value-store.ts';
import { stores } from '../../src/state/stores.ts';
import { Topology } from '../../src/topology/topology.ts';

/** Counts records by key into the store `counts` and forwards each new count. A value `fail` makes it throw. */
class Counter implements Processor<string, string, string, number> {
  private store!: KeyValueStore<string, number>;
  private context!: ProcessorContext<string, number>;

  init(context: ProcessorContext<string, number>): void {
    this.context = context;
    this.store = context.getStateStore('counts');
  }

  process(record: { key: string; value: string; timestamp: number; headers: readonly [] }): void {
    if (record.value === 'fail') throw new Error('this record cannot be processed');
    const count = (this.store.get(record.key) ?? 0) + 1;
    this.store.put(record.key, count);
    this.context.forward({ ...record, value: count });
  }
}

/** in → count by key → out. */
export const countTopology = (input: string, output: string): Topology =>
  new Topology()
    .addSource({ name: 'in', topics: [input], key: serdes.string, value: serdes.string })
    .addProcessor({ name: 'count', supplier: () => new Counter() as never, parents: ['in'] })
    .addStateStore(stores.keyValue({ name: 'counts', key: serdes.string, value: serdes.long }), ['count'])
    .addSink({ name: 'out', topic: output, key: serdes.string, value: serdes.long, parents: ['count'] });

/** As `countTopology`, with values that must be JSON: `{"n": …}`. */
export const jsonCountTopology = (input: string, output: string): Topology =>
  new Topology()
    .addSource({ name: 'in', topics: [input], key: serdes.string, value: serdes.json<unknown>() })
    .addProcessor({ name: 'count', supplier: () => new Counter() as never, parents: ['in'] })
    .addStateStore(stores.keyValue({ name: 'counts', key: serdes.string, value: serdes.long }), ['count'])
    .addSink({ name: 'out', topic: output, key: serdes.string, value: serdes.long, parents: ['count'] });
