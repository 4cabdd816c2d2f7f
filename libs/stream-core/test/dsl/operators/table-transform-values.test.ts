import { expect, test } from '@jest/globals';
import { StreamsBuilder, serdes, stores } from '@playhead/stream-core';
import type { KeyValueStore, ValueTransformer } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { TEXT } from '../operator-driver.ts';

/** Adds up how much was ever written under a key. */
class Written implements ValueTransformer<string, string, string> {
  static closed = 0;
  #lengths!: KeyValueStore<string, number>;

  init(context: Parameters<NonNullable<ValueTransformer<string, string, string>['init']>>[0]): void {
    this.#lengths = context.getStateStore('lengths');
  }

  transform(value: string | null, key: string): string | null {
    if (value === null) return null;
    const length = (this.#lengths.get(key) ?? 0) + value.length;
    this.#lengths.put(key, length);
    return `${value}:${length}`;
  }

  close(): void {
    Written.closed++;
  }
}

const lengths = () => stores.keyValue({ name: 'lengths', key: serdes.string, value: serdes.long });

test('transforms rows with a store of its own, deletes too', () => {
  const builder = new StreamsBuilder();
  builder
    .table<string, string>('in', TEXT)
    .transformValues(() => new Written(), { stores: [lengths()] })
    .toStream()
    .to('out', TEXT);
  const driver = new TopologyTestDriver(builder.build());
  const input = driver.createInputTopic({ name: 'in', ...TEXT });
  for (const value of ['ab', 'cde', null, 'f']) input.pipeInput(value, 'k', 5);
  const output = driver.createOutputTopic({ name: 'out', ...TEXT });
  expect(output.readValuesToList()).toEqual(['ab:2', 'cde:5', null, 'f:6']);
  driver.close();
  expect(Written.closed).toBe(1);
});

test('keeps what it made under a store name; without one, who reads it transforms anew', () => {
  const run = (storeName: string | undefined): (string | null)[] => {
    const builder = new StreamsBuilder();
    const table = builder
      .table<string, string>('in', TEXT)
      .transformValues(() => new Written(), { stores: [lengths()], value: serdes.string, storeName });
    builder
      .stream<string, string>('asks', TEXT)
      .join(table, (ask, row) => `${ask} ${row}`)
      .to('out', TEXT);
    const driver = new TopologyTestDriver(builder.build());
    driver.createInputTopic({ name: 'in', ...TEXT }).pipeInput('ab', 'k', 5);
    driver.createInputTopic({ name: 'asks', ...TEXT }).pipeInput('?', 'k', 6);
    return driver.createOutputTopic({ name: 'out', ...TEXT }).readValuesToList();
  };
  expect(run('kept')).toEqual(['? ab:2']);
  expect(run(undefined)).toEqual(['? ab:4']);
});

test('has the name and the numbers it has in Kafka Streams', () => {
  const builder = new StreamsBuilder();
  builder
    .table<string, string>('in', TEXT)
    .transformValues(() => ({ transform: (value) => value }), { value: serdes.string })
    .toStream()
    .to('out', TEXT);
  expect(builder.build().describe()).toMatch(/KTABLE-TRANSFORMVALUES-0000000003[^]*KTABLE-TOSTREAM-0000000004/);
});
