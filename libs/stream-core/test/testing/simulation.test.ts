import { describe, expect, test } from '@jest/globals';
import type { KeyValueStore, Topology } from '@playhead/stream-core';
import { StreamsBuilder, StreamsError, TimeWindows, TopologyError, serdes, stores } from '@playhead/stream-core';
import type { TopologyTestDriverOptions } from '@playhead/stream-core/testing';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const TEXT = { key: serdes.string, value: serdes.string };
const IN = { name: 'in', ...TEXT };
const OUT = { name: 'out', key: serdes.string, value: serdes.long };
const EVERY_3 = { commitInterval: { records: 3 } };

/** Values of `in`, counted, to `out`: through a repartition topic. */
function counting(): Topology {
  const builder = new StreamsBuilder();
  const values = builder.stream(IN).groupBy((value) => value, { name: 'by-value', ...TEXT });
  values.count({ storeName: 'counts' }).toStream().to(OUT);
  return builder.build();
}

/** Keys of `in`, counted where they are: one task a partition. */
function countingKeys(): Topology {
  const builder = new StreamsBuilder();
  builder.stream(IN).groupByKey().count({ storeName: 'counts' }).toStream().to(OUT);
  return builder.build();
}

function started(topology: Topology, options: TopologyTestDriverOptions) {
  const driver = new TopologyTestDriver(topology, options);
  const input = driver.createInputTopic(IN);
  const output = driver.createOutputTopic(OUT);
  const pipe = (...values: string[]): void => input.pipeRecordList(values.map((value) => ({ key: value, value })));
  return { driver, pipe, read: () => output.readKeyValuesToList().map(([key, value]) => `${key}=${value}`) };
}

describe('commits', () => {
  test('caches send the last change of each key when the interval is full', () => {
    const { driver, pipe, read } = started(countingKeys(), { ...EVERY_3, cacheMaxBytes: 1_000_000 });
    pipe('a', 'a');
    expect(read()).toEqual([]);
    pipe('b', 'a');
    expect(read()).toEqual(['a=2', 'b=1']);
    driver.commit();
    expect(read()).toEqual(['a=3']);
  });

  test('an interval of time goes by the virtual wall clock', () => {
    const options = { commitInterval: { ms: 100 }, cacheMaxBytes: 1_000_000 };
    const { driver, pipe, read } = started(countingKeys(), options);
    pipe('a', 'a', 'a');
    driver.advanceWallClockTime(99);
    expect(read()).toEqual([]);
    driver.advanceWallClockTime(1);
    expect(read()).toEqual(['a=3']);
    pipe('a');
    driver.advanceWallClockTime(99);
    expect(read()).toEqual([]);
  });

  test('a processor that asks for a commit gets it after its record', () => {
    const builder = new StreamsBuilder();
    builder.addStateStore(stores.keyValue({ name: 'seen', ...TEXT }));
    builder.stream(IN).process(
      () => ({
        init: (context) => void (requestCommit = () => context.requestCommit()),
        process: ({ value }) => void (value === 'now' && requestCommit()),
      }),
      { stores: ['seen'] },
    );
    let requestCommit = (): void => {};
    const { driver, pipe } = started(builder.build(), { commitInterval: { records: Infinity } });
    pipe('later', 'now');
    expect(driver.metrics.commits).toBe(1);
    driver.crash();
    expect(driver.metrics.processedRecords).toBe(2);
  });

  test('with exactly_once nothing is seen before it is committed, not even by the tasks downstream', () => {
    const { driver, pipe, read } = started(counting(), { ...EVERY_3, guarantee: 'exactly_once', partitions: 2 });
    pipe('a', 'a');
    expect([read(), driver.produced.length]).toEqual([[], 0]);
    pipe('a');
    expect(driver.produced.map(({ topic }) => topic)).toEqual(
      Array(3)
        .fill('app-by-value-repartition')
        .concat(['app-counts-changelog', 'out', 'app-counts-changelog', 'out', 'app-counts-changelog', 'out']),
    );
    pipe('b');
    driver.commit();
    expect(read()).toEqual(['a=1', 'a=2', 'a=3', 'b=1']);
  });
});

describe('a crash', () => {
  test('has what was not committed processed again: with at_least_once it may count twice', () => {
    const { driver, pipe, read } = started(countingKeys(), EVERY_3);
    pipe('a', 'a', 'a', 'a');
    expect(read().at(-1)).toBe('a=4');
    driver.crash();
    expect(read()).toEqual(['a=5']);
    expect(driver.keyValueStore('counts').get('a')).toBe(5);
    expect(driver.metrics).toMatchObject({ processedRecords: 5, crashes: 1, restoredRecords: 4 });
  });

  test('with exactly_once counts nothing twice', () => {
    const { driver, pipe, read } = started(countingKeys(), { ...EVERY_3, guarantee: 'exactly_once' });
    pipe('a', 'a', 'a', 'a');
    driver.crash();
    expect(driver.keyValueStore('counts').get('a')).toBe(4);
    driver.commit();
    expect(read()).toEqual(['a=1', 'a=2', 'a=3', 'a=4']);
  });

  test('between what a commit flushes and its offsets repeats what the cache had sent', () => {
    const run = (guarantee: 'at_least_once' | 'exactly_once'): string[] => {
      const options = { commitInterval: { records: Infinity }, cacheMaxBytes: 1_000_000, guarantee };
      const { driver, pipe, read } = started(countingKeys(), options);
      pipe('a', 'a');
      driver.crash({ duringCommit: true });
      driver.commit();
      return read();
    };
    expect(run('at_least_once')).toEqual(['a=2', 'a=4']);
    expect(run('exactly_once')).toEqual(['a=2']);
  });

  test('loses, by the seed, a suffix of what was on its way to each partition', () => {
    const counts = new Set<unknown>();
    for (let seed = 1; seed <= 60; seed++) {
      const { driver, pipe } = started(countingKeys(), { commitInterval: { records: Infinity }, seed });
      pipe('a', 'a', 'a');
      driver.crash();
      const again = started(countingKeys(), { commitInterval: { records: Infinity }, seed });
      again.pipe('a', 'a', 'a');
      again.driver.crash();
      expect(again.driver.keyValueStore('counts').get('a')).toBe(driver.keyValueStore('counts').get('a'));
      counts.add(driver.keyValueStore('counts').get('a'));
    }
    expect([...counts].sort()).toEqual([3, 4, 5, 6]);
  });

  test('what somebody has read is not lost', () => {
    const { driver, pipe, read } = started(countingKeys(), { commitInterval: { records: Infinity }, seed: 3 });
    pipe('a', 'a');
    expect(read()).toEqual(['a=1', 'a=2']);
    driver.crash();
    expect(driver.produced.filter(({ topic }) => topic === 'out').length).toBeGreaterThanOrEqual(2);
  });

  test('of one task leaves the others alone', () => {
    const options = {
      partitions: { in: 2 },
      commitInterval: { records: Infinity },
      guarantee: 'exactly_once',
    } as const;
    const driver = new TopologyTestDriver(countingKeys(), options);
    expect(driver.taskIds).toEqual(['0_0', '0_1']);
    const input = driver.createInputTopic(IN);
    for (const partition of [0, 1]) input.pipeInput('v', 'k', 1, { partition });
    const before = [0, 1].map((partition) => driver.keyValueStore('counts', partition));
    driver.crash({ task: '0_1' });
    expect([0, 1].map((partition) => driver.keyValueStore('counts', partition) === before[partition])).toEqual([
      true,
      false,
    ]);
    expect(driver.metrics.processedRecords).toBe(3);
    expect(() => driver.crash({ task: '7_0' })).toThrow(TopologyError);
  });

  test('comes where the faults say, also in the middle of what one input leads to', () => {
    const faults = [
      { afterRecords: 2, kind: 'crash', task: '1_0' },
      { afterRecords: 3, kind: 'rebalance' },
    ] as const;
    const { driver, pipe } = started(counting(), { partitions: { in: 2 }, faults, seed: 1 });
    pipe('a', 'b');
    expect(driver.metrics).toMatchObject({ crashes: 1, rebalances: 1 });
  });

  test('gives a table that has its source topic for a changelog its rows back, up to the committed offset', () => {
    const builder = new StreamsBuilder();
    builder
      .table<string, string>('in', { ...TEXT, storeName: 'rows' })
      .toStream()
      .to('copy', TEXT);
    const options = { commitInterval: { records: 2 }, guarantee: 'exactly_once' } as const;
    const driver = new TopologyTestDriver(builder.build({ optimize: 'all' }), options);
    driver.createInputTopic(IN).pipeKeyValueList([
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ]);
    driver.crash();
    const rows = Array.from(driver.keyValueStore<string, string>('rows').all(), ({ key, value }) => `${key}=${value}`);
    expect(rows).toEqual(['a=3', 'b=2']);
    expect(driver.metrics).toMatchObject({ restoredRecords: 2, processedRecords: 4 });
    expect(driver.producedTopicNames).toEqual(new Set(['copy']));
  });

  test('of a versioned table does not make an older version the latest: its changelog is compacted much later', () => {
    for (let seed = 0; seed < 20; seed++) {
      const builder = new StreamsBuilder();
      builder.table<string, string>('in', { ...TEXT, storeName: 'rows', historyMs: 1_000 });
      const driver = new TopologyTestDriver(builder.build(), { seed });
      const input = driver.createInputTopic(IN);
      input.pipeInput('latest', 'k', 9);
      input.pipeInput('older', 'k', 5);
      driver.crash();
      expect([seed, driver.keyValueStore('rows').get('k')]).toEqual([seed, 'latest']);
    }
  });

  test('asks no processor, a rebalance closes it', () => {
    const calls: string[] = [];
    const builder = new StreamsBuilder();
    builder.stream(IN).process(() => ({
      init: () => void calls.push('init'),
      process: ({ value }) => void calls.push(value),
      close: () => void calls.push('close'),
    }));
    const { driver, pipe } = started(builder.build(), { commitInterval: { records: Infinity } });
    pipe('a');
    driver.crash();
    driver.rebalance();
    pipe('b');
    expect(calls).toEqual(['init', 'a', 'init', 'a', 'close', 'init', 'b']);
  });
});

describe('a rebalance', () => {
  test('commits first: nothing is processed again, and state and stream time move with the task', () => {
    const builder = new StreamsBuilder();
    builder
      .stream(IN)
      .groupByKey()
      .windowedBy(TimeWindows.of({ sizeMs: 10, graceMs: 0 }))
      .emitStrategy('ON_WINDOW_CLOSE')
      .count({ storeName: 'counts' })
      .toStream()
      .to('out', { key: serdes.timeWindowed(serdes.string, 10), value: serdes.long });
    const driver = new TopologyTestDriver(builder.build(), { commitInterval: { records: Infinity } });
    const input = driver.createInputTopic(IN);
    const sent = (): number => driver.produced.filter(({ topic }) => topic === 'out').length;
    for (const timestamp of [1, 2, 12, 13]) input.pipeInput('v', 'k', timestamp);
    expect(sent()).toBe(1);
    driver.rebalance();
    expect(driver.metrics.processedRecords).toBe(4);
    input.pipeInput('v', 'k', 25);
    expect(sent()).toBe(2);
  });
});

describe('a seed', () => {
  const order = (seed: number | undefined): string => {
    const builder = new StreamsBuilder();
    const seen: string[] = [];
    builder
      .stream(IN)
      .flatMapValues((value) => [`${value}1`, `${value}2`, `${value}3`])
      .groupBy((value) => value, { name: 'by-value', ...TEXT })
      .reduce((_, value) => value, { storeName: 'last' })
      .toStream()
      .peek((value) => seen.push(value ?? ''));
    const driver = new TopologyTestDriver(builder.build(), { partitions: 3, seed });
    driver.createInputTopic(IN).pipeInput('v', 'k');
    expect(driver.seed).toBe(seed);
    return seen.join(' ');
  };

  test('gives the same order every time, and another gives another', () => {
    const seeds = Array.from({ length: 12 }, (_, seed) => seed);
    const orders = seeds.map(order);
    expect(seeds.map(order)).toEqual(orders);
    expect(new Set(orders).size).toBeGreaterThan(1);
    expect(order(undefined)).toBe(order(undefined));
  });

  test('is named in the error of a topology that fails', () => {
    const builder = new StreamsBuilder();
    builder.stream(IN).peek(() => {
      throw new Error('no luck');
    });
    const { pipe } = started(builder.build(), { seed: 42 });
    expect(() => pipe('a')).toThrow(StreamsError);
    expect(() => pipe('a')).toThrow(/no luck .*\(driver seed 42, after 0 records\)/);
  });
});

test('a store that is asked for again after a crash is the new one; the old one is empty', () => {
  const { driver, pipe } = started(countingKeys(), {});
  pipe('a');
  const old: KeyValueStore<string, number> = driver.keyValueStore('counts');
  driver.crash();
  expect([old.get('a'), driver.keyValueStore('counts').get('a')]).toEqual([null, 1]);
});
