import { describe, expect, test } from '@jest/globals';
import type { FixedKeyProcessor, KeyValueStore, Processor, ProcessorContext } from '@playhead/stream-core';
import { StreamsError, TopologyError, serdes, stores } from '@playhead/stream-core';
import { MockFixedKeyProcessorContext, MockProcessorContext, testRecord } from '@playhead/stream-core/testing';

/** Counts records a key, tells one child about every second one, and sends all counts every minute. */
class CountingProcessor implements Processor<string, string, string, number> {
  #context!: ProcessorContext<string, number>;
  #store!: KeyValueStore<string, number>;

  init(context: ProcessorContext<string, number>): void {
    this.#context = context;
    this.#store = context.getStateStore<KeyValueStore<string, number>>('counts');
    const punctuator = context.schedule(60_000, 'WALL_CLOCK_TIME', (timestamp) => {
      for (const { key, value } of this.#store.all()) context.forward({ key, value, timestamp, headers: [] });
      context.requestCommit();
      punctuator.cancel();
    });
  }

  process({ key, timestamp }: { key: string; timestamp: number }): void {
    const count = (this.#store.get(key) ?? 0) + 1;
    this.#store.put(key, count);
    if (count % 2 === 0) this.#context.forward({ key, value: count, timestamp, headers: [] }, 'even');
  }
}

function started() {
  const context = new MockProcessorContext<string, number>({ taskId: '1_2', partition: 2 });
  const store = context.addStateStore(stores.keyValue({ name: 'counts', key: serdes.string, value: serdes.long }));
  const processor = new CountingProcessor();
  processor.init(context);
  return { context, store, processor };
}

describe('MockProcessorContext', () => {
  test('takes down what a processor forwards, and to which child', () => {
    const { context, processor } = started();
    for (const timestamp of [5, 6]) context.process(processor, testRecord({ key: 'a', value: 'x', timestamp }));
    const record = { key: 'a', value: 2, timestamp: 6, headers: [] };
    expect(context.forwarded()).toEqual([{ record, childName: 'even' }]);
    expect(context.forwarded('odd')).toEqual([]);
    context.resetForwards();
    expect(context.forwarded()).toEqual([]);
    context.forward(record);
    expect(context.forwarded('odd')).toEqual([{ record, childName: undefined }]);
  });

  test('has real stores, which are written with the time of the record', () => {
    const { context, store, processor } = started();
    context.process(processor, testRecord({ key: 'a', value: 'x', timestamp: 7 }));
    expect(store.getWithTimestamp('a')).toEqual({ value: 1, timestamp: 7 });
    expect(() => context.getStateStore('other')).toThrow(TopologyError);
  });

  test('runs punctuators when the test does, and knows of commits', () => {
    const { context, processor } = started();
    context.process(processor, testRecord({ key: 'a', value: 'x' }));
    const [punctuator] = context.scheduledPunctuators;
    expect(punctuator).toMatchObject({ intervalMs: 60_000, type: 'WALL_CLOCK_TIME', isCancelled: false });
    expect(context.committed).toBe(false);
    punctuator?.punctuator(60_000);
    expect(context.forwarded().map(({ record }) => record)).toEqual([
      { key: 'a', value: 1, timestamp: 60_000, headers: [] },
    ]);
    expect([context.committed, punctuator?.isCancelled]).toEqual([true, true]);
    context.resetCommit();
    expect(context.committed).toBe(false);
  });

  test('says where and when it is as it was told', () => {
    const { context } = started();
    expect([context.applicationId, context.taskId, context.partition]).toEqual(['app', '1_2', 2]);
    expect([context.recordMetadata, context.currentStreamTimeMs(), context.currentSystemTimeMs()]).toEqual([
      undefined,
      -1,
      0,
    ]);
    context.recordMetadata = { topic: 'in', partition: 2, offset: 9 };
    context.setCurrentStreamTimeMs(5);
    context.setCurrentSystemTimeMs(6);
    expect([context.recordMetadata.offset, context.currentStreamTimeMs(), context.currentSystemTimeMs()]).toEqual([
      9, 5, 6,
    ]);
  });
});

describe('MockFixedKeyProcessorContext', () => {
  const upperCase = (
    context: MockFixedKeyProcessorContext<string, string>,
    rename = '',
  ): FixedKeyProcessor<string, string, string> => ({
    process: (record) => context.forward({ ...record, key: record.key + rename, value: record.value.toUpperCase() }),
  });

  test('takes down what is forwarded under the key that came in', () => {
    const context = new MockFixedKeyProcessorContext<string, string>();
    context.process(upperCase(context), testRecord({ key: 'a', value: 'x', timestamp: 3 }));
    expect(context.forwarded()[0]?.record).toEqual({ key: 'a', value: 'X', timestamp: 3, headers: [] });
  });

  test('refuses another key, and any key when no record is in progress', () => {
    const context = new MockFixedKeyProcessorContext<string, string>();
    const record = testRecord({ key: 'a', value: 'x' });
    expect(() => context.process(upperCase(context, '2'), record)).toThrow(StreamsError);
    expect(() => context.forward(record)).toThrow(/no record is in progress/);
    expect(context.forwarded()).toEqual([]);
  });
});
