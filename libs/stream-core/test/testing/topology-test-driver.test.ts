import { describe, expect, test } from '@jest/globals';
import type { Serde } from '@playhead/stream-core';
import { PendingCodecError, SerdeError, StreamsBuilder, TopologyError, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const TEXT = { key: serdes.string, value: serdes.string };
const topic = (name: string) => ({ name, ...TEXT });

function counting(): StreamsBuilder {
  const builder = new StreamsBuilder();
  builder
    .stream<string, string>('in', TEXT)
    .groupBy((value) => value, { name: 'by-value', ...TEXT })
    .count({ storeName: 'counts' })
    .toStream()
    .to('out');
  return builder;
}

describe('the driver', () => {
  test('has the results of an input when pipeInput returns, through repartition topics too', () => {
    const driver = new TopologyTestDriver(counting().build());
    const output = driver.createOutputTopic({ name: 'out', key: serdes.string, value: serdes.long });
    expect(output.isEmpty).toBe(true);
    driver.createInputTopic(topic('in')).pipeInput('v', 'k', 5);
    expect([output.isEmpty, output.readValue(), output.isEmpty]).toEqual([false, 1, true]);
    expect(() => output.readRecord()).toThrow(RangeError);
    expect(driver.produced.map((record) => record.topic)).toEqual([
      'app-by-value-repartition',
      'app-counts-changelog',
      'out',
    ]);
  });

  test('with several partitions every key has one task, wherever it came in', () => {
    const driver = new TopologyTestDriver(counting().build(), { partitions: 3 });
    const input = driver.createInputTopic(topic('in'));
    for (const [index, value] of ['a', 'b', 'c', 'd', 'a', 'b', 'a'].entries()) {
      input.pipeInput(value, `k${index}`, index, { partition: index % 3 });
    }
    const last = new Map(
      driver.createOutputTopic({ name: 'out', key: serdes.string, value: serdes.long }).readKeyValuesToList(),
    );
    expect(Object.fromEntries(last)).toEqual({ a: 3, b: 2, c: 1, d: 1 });
    const places = [0, 1, 2].map((partition) =>
      Array.from(driver.keyValueStore('counts', partition).all(), ({ key }) => key),
    );
    expect(places.flat().sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(places.filter((keys) => keys.length > 0).length).toBeGreaterThan(1);
  });

  test('gives records the wall clock’s time when none is said', () => {
    const builder = new StreamsBuilder();
    builder.stream('in', TEXT).to('out');
    const driver = new TopologyTestDriver(builder.build(), { initialWallClockTimeMs: 100 });
    driver.advanceWallClockTime(11);
    driver.createInputTopic(topic('in')).pipeInput('v');
    expect(driver.createOutputTopic(topic('out')).readRecord()).toMatchObject({ key: null, timestamp: 111 });
  });

  test('takes bytes that no serde has seen, and hands the error to the handler', () => {
    const builder = new StreamsBuilder();
    builder.stream<string, unknown>('in', { key: serdes.string, value: serdes.json() }).to('out');
    const driver = new TopologyTestDriver(builder.build(), { deserializationHandler: () => 'dead-letter' });
    driver.createInputTopic(topic('in')).pipeRaw(Buffer.from('k'), Buffer.from('{'), 3);
    expect(driver.createOutputTopic(topic('in.dead-letter')).readKeyValuesToList()).toEqual([['k', '{']]);
  });

  test('can fill a store before the first record', () => {
    const driver = new TopologyTestDriver(counting().build());
    driver.keyValueStore<string, number>('counts').put('v', 41, 1);
    driver.createInputTopic(topic('in')).pipeInput('v', 'k', 5);
    expect(driver.keyValueStore('counts').getWithTimestamp('v')).toEqual({ value: 42, timestamp: 5 });
  });

  test('waits for serdes at create, and for what they load later at settle', async () => {
    let isReady = false;
    let isLoaded = false;
    const value: Serde<string> = {
      open: () => ({
        ready: new Promise<void>((resolve) => {
          setImmediate(() => {
            isReady = true;
            resolve();
          });
        }),
        serialize: (text) => Buffer.from(text),
        deserialize(bytes) {
          if (isLoaded) return Buffer.from(bytes).toString();
          throw new PendingCodecError(Promise.resolve().then(() => void (isLoaded = true)));
        },
      }),
    };
    const builder = new StreamsBuilder();
    builder.stream('in', { key: serdes.string, value }).to('out', TEXT);
    const driver = await TopologyTestDriver.create(builder.build());
    expect(isReady).toBe(true);
    const output = driver.createOutputTopic(topic('out'));
    driver.createInputTopic(topic('in')).pipeInput('v', 'k', 1);
    expect(output.isEmpty).toBe(true);
    await driver.settle();
    expect(output.readValue()).toBe('v');
  });

  test('create rejects with the error of a serde that cannot be used', async () => {
    const value: Serde<string> = {
      open: () => ({
        ready: Promise.reject(new SerdeError('no registry')),
        serialize: (text) => Buffer.from(text),
        deserialize: (bytes) => Buffer.from(bytes).toString(),
      }),
    };
    const builder = new StreamsBuilder();
    builder.stream('in', { key: serdes.string, value }).to('out');
    await expect(TopologyTestDriver.create(builder.build())).rejects.toThrow(SerdeError);
  });

  test.each<[what: string, act: (driver: TopologyTestDriver) => unknown]>([
    ['an input topic that nothing reads', (driver) => driver.createInputTopic(topic('other'))],
    ['a store that is not there', (driver) => driver.store('other')],
    ['a window store that is a key-value store', (driver) => driver.windowStore('counts')],
  ])('refuses %s', (_what, act) => {
    expect(() => act(new TopologyTestDriver(counting().build()))).toThrow(TopologyError);
  });
});
