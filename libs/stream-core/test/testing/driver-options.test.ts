import { describe, expect, test } from '@jest/globals';
import { StreamsBuilder } from '@playhead/stream-core';
import type { TopologyTestDriverOptions } from '@playhead/stream-core/testing';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { counting, TEXT } from './counting-topology.ts';

function countingWithTitles(): StreamsBuilder {
  const builder = new StreamsBuilder();
  builder.globalTable('titles', TEXT);
  return counting(builder);
}

const start = (options: unknown, builder = countingWithTitles()): TopologyTestDriver =>
  new TopologyTestDriver(builder.build(), options as TopologyTestDriverOptions);

const COUNTS = 'allowed: whole numbers from 1 to 10000';

test.each<[options: unknown, says: string]>([
  ...[0, -1, 1.5, NaN, 1e9, null].map((count): [unknown, string] => [
    { partitions: count },
    `partitions is ${count}; ${COUNTS}`,
  ]),
  [{ partitions: '3' }, `partitions is "3"; ${COUNTS}`],
  [{ partitions: { in: 2, out: 0 } }, `partitions of out is 0; ${COUNTS}`],
  [{ partitions: { zzz: 3 } }, 'partitions: topic zzz is not in the topology; allowed: in, out, titles'],
  [
    { partitions: { 'app-by-value-repartition': 3 } },
    'partitions: topic app-by-value-repartition is internal: its number follows from the others; allowed: in, out, titles',
  ],
  [{ guarantee: 'exactly-once' }, 'guarantee is "exactly-once"; allowed: at_least_once, exactly_once'],
  [
    { faults: [{ afterRecords: 1, kind: 'explode' }] },
    'kind of a fault is "explode"; allowed: crash, rebalance, commit, zombie, lost-acknowledgement',
  ],
  [
    { faults: [{ afterRecords: 0, kind: 'crash' }] },
    'a fault is to come after 0 records; allowed: whole numbers from 1',
  ],
  [{ cacheMaxBytes: -1 }, 'cacheMaxBytes is -1; allowed: whole numbers from 0 to 1099511627776'],
  [{ cacheMaxBytes: NaN }, 'cacheMaxBytes is NaN; allowed: whole numbers from 0 to 1099511627776'],
  [{ commitInterval: { records: 0 } }, 'commitInterval is 0; allowed: from 1, Infinity for commits by hand'],
  [{ commitInterval: { ms: NaN } }, 'commitInterval is NaN; allowed: from 1, Infinity for commits by hand'],
  [{ commitInterval: {} }, 'commitInterval is undefined; allowed: from 1, Infinity for commits by hand'],
  [{ seed: 1.5 }, 'seed is 1.5; allowed: whole numbers'],
  [{ initialWallClockTimeMs: 0.5 }, 'initialWallClockTimeMs is 0.5; allowed: whole milliseconds'],
])('refuses %j, and says what is allowed', (options, says) => {
  expect(() => start(options)).toThrow(
    expect.objectContaining({ code: 'STREAMS_CONFIG', message: `the driver's options have problems: ${says}` }),
  );
});

test('says all problems of its options at once', () => {
  const options = { partitions: { in: 0, zzz: 1 }, guarantee: 'never', seed: NaN, cacheMaxBytes: -1, faults: [{}] };
  const message = (() => {
    try {
      start(options).close();
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  })();
  expect(message.split('; ').filter((part) => !part.startsWith('allowed: '))).toEqual([
    "the driver's options have problems: partitions of in is 0",
    'partitions: topic zzz is not in the topology',
    'guarantee is "never"',
    'seed is NaN',
    'a fault is to come after undefined records',
    'kind of a fault is undefined',
    'cacheMaxBytes is -1',
  ]);
});

describe('partitions by name', () => {
  test('may be of topics that are read, written, read globally or get dead letters', () => {
    const driver = start({ partitions: { in: 3, out: 2, titles: 4, 'in.dead-letter': 2 } });
    expect(driver.taskIds).toHaveLength(6);
  });

  test('may be of any topic where a sink chooses among them', () => {
    const builder = countingWithTitles();
    builder.stream<string, string>('more', TEXT).to((value) => value, TEXT);
    const driver = start({ partitions: { elsewhere: 3 } }, builder);
    driver
      .createInputTopic({ name: 'more', ...TEXT })
      .pipeRecordList(Array.from({ length: 20 }, (_, index) => ({ key: `k${index}`, value: 'elsewhere' })));
    const records = driver.createOutputTopic({ name: 'elsewhere', ...TEXT }).readRecords();
    expect(new Set(records.map(({ partition }) => partition))).toEqual(new Set([0, 1, 2]));
  });
});
