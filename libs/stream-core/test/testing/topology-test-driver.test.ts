import { describe, expect, test } from '@jest/globals';
import type { Serde } from '@playhead/stream-core';
import { PendingCodecError, SerdeError, StreamsBuilder, TopologyError, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { TEXT, counting, topic } from './counting-topology.ts';

describe('the driver', () => {
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

  test('does nothing more once it is closed, and says so; what was produced stays readable', () => {
    const driver = new TopologyTestDriver(counting().build());
    const input = driver.createInputTopic(topic('in'));
    const output = driver.createOutputTopic({ name: 'out', key: serdes.string, value: serdes.long });
    input.pipeInput('v', 'k', 1);
    driver.close();
    const attempts = [
      () => input.pipeInput('v', 'k', 2),
      () => input.pipeRaw(null, null, 2),
      () => driver.advanceWallClockTime(1),
      () => driver.commit(),
      () => driver.crash(),
      () => driver.rebalance(),
    ];
    for (const attempt of attempts) {
      expect(attempt).toThrow(
        expect.objectContaining({ code: 'STREAMS_INVALID_STATE', message: 'the driver is closed; make a new one' }),
      );
    }
    expect([driver.metrics.processedRecords, output.readValuesToList()]).toEqual([2, [1]]);
  });

  test('says that a task has failed before when it stops at the same record again', () => {
    const builder = new StreamsBuilder();
    let isBroken = true;
    const cause = new Error('no luck');
    const seen: string[] = [];
    builder.stream<string, string>('in', TEXT).peek((value) => {
      if (value === 'bad' && isBroken) throw cause;
      seen.push(value);
    });
    const driver = new TopologyTestDriver(builder.build());
    const input = driver.createInputTopic(topic('in'));
    const failure = (value: string): { name: string; cause: unknown; message: string } => {
      try {
        input.pipeInput(value, 'k', 1);
      } catch (error) {
        return error as Error & { cause: unknown };
      }
      throw new Error(`${value} was processed`);
    };
    const [first, second] = [failure('bad'), failure('good')];
    expect(first.message).toMatch(/^processing of in-0 offset 0 failed at .*: no luck$/);
    const again = ` (task ${driver.taskIds[0]} has failed before, and tries the same record again at every input)`;
    expect(second.message).toBe(`${first.message}${again}`);
    expect([first, second].map((error) => [error.constructor.name, error.cause])).toEqual([
      ['ProcessingFailedError', cause],
      ['ProcessingFailedError', cause],
    ]);
    isBroken = false;
    input.pipeInput('last', 'k', 1);
    expect(seen).toEqual(['bad', 'good', 'last']);
    isBroken = true;
    expect(failure('bad').message).not.toContain('failed before');
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

  test('knows its tasks, the topics it wrote, its stores and what it counted', () => {
    const driver = new TopologyTestDriver(counting().build(), { partitions: 2 });
    driver.createInputTopic(topic('in')).pipeInput('v', 'k', 5);
    expect(driver.taskIds).toEqual(['0_0', '0_1', '1_0', '1_1']);
    expect(driver.producedTopicNames).toEqual(new Set(['app-by-value-repartition', 'app-counts-changelog', 'out']));
    const entries = [...driver.allStateStores()].map(([name, parts]) => [
      name,
      parts.map((part) => part.approximateEntries).sort(),
    ]);
    expect(entries).toEqual([['counts', [0, 1]]]);
    const { processedRecords, commits, crashes, rebalances, restoredRecords, punctuations, deadLetters } =
      driver.metrics;
    expect([processedRecords, commits, crashes, rebalances, restoredRecords, punctuations, deadLetters]).toEqual([
      2, 2, 0, 0, 0, 0, 0,
    ]);
  });

  test('gives access to the versions of a versioned table', () => {
    const builder = new StreamsBuilder();
    builder.table('in', { ...TEXT, storeName: 'rows', historyMs: 100 });
    const driver = new TopologyTestDriver(builder.build());
    const input = driver.createInputTopic(topic('in'));
    input.pipeInput('old', 'k', 5);
    input.pipeInput('new', 'k', 9);
    const rows = driver.versionedKeyValueStore<string, string>('rows');
    expect([rows.get('k'), rows.getAsOf('k', 8)]).toEqual(['new', 'old']);
  });

  test.each<[what: string, act: (driver: TopologyTestDriver) => unknown]>([
    ['an input topic that nothing reads', (driver) => driver.createInputTopic(topic('other'))],
    ['a store that is not there', (driver) => driver.store('other')],
    ['a window store that is a key-value store', (driver) => driver.windowStore('counts')],
    ['a versioned store that keeps no versions', (driver) => driver.versionedKeyValueStore('counts')],
  ])('refuses %s', (_what, act) => {
    expect(() => act(new TopologyTestDriver(counting().build()))).toThrow(TopologyError);
  });
});
