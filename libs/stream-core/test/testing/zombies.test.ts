import { describe, expect, test } from '@jest/globals';
import type { Topology } from '@playhead/stream-core';
import { StreamsBuilder, serdes } from '@playhead/stream-core';
import type { DriverFault, TopologyTestDriverOptions } from '@playhead/stream-core/testing';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const IN = { name: 'in', key: serdes.string, value: serdes.string };
const OUT = { name: 'out', key: serdes.string, value: serdes.long };

function counting(): Topology {
  const builder = new StreamsBuilder();
  builder.stream(IN).groupByKey().count({ storeName: 'counts' }).toStream().to(OUT);
  return builder.build();
}

/** Pipes `records` of one key, a commit after every three of them. */
function run(records: number, faults: readonly DriverFault[], options: TopologyTestDriverOptions = {}) {
  const driver = new TopologyTestDriver(counting(), { seed: 1, commitInterval: { records: 3 }, ...options, faults });
  const input = driver.createInputTopic(IN);
  for (let index = 0; index < records; index++) input.pipeInput('v', 'k', index);
  driver.commit();
  const { zombies, refusedCommits, processedRecords } = driver.metrics;
  return {
    counts: driver
      .createOutputTopic(OUT)
      .readKeyValuesToList()
      .map(([, count]) => count),
    zombies,
    refused: refusedCommits,
    processed: processedRecords,
    stored: driver.keyValueStore<string, number>('counts').get('k'),
  };
}

describe('a zombie', () => {
  test.each(['exactly_once', 'at_least_once'] as const)('has its commit refused (%s)', (guarantee) => {
    const seen = run(9, [{ afterRecords: 5, kind: 'zombie', wakesAfterRecords: 2 }], { guarantee });
    expect(seen).toMatchObject({ zombies: 1, refused: 1 });
    expect(seen.stored).toBeGreaterThanOrEqual(9);
  });

  test('under exactly_once leaves nothing that was not there without it', () => {
    const { counts, stored } = run(9, [{ afterRecords: 5, kind: 'zombie' }], { guarantee: 'exactly_once' });
    expect({ counts, stored }).toEqual({ counts: [1, 2, 3, 4, 5, 6, 7, 8, 9], stored: 9 });
  });

  test('wakes up with the last commit at the latest', () => {
    expect(run(6, [{ afterRecords: 5, kind: 'zombie', wakesAfterRecords: 1_000 }])).toMatchObject({ zombies: 1 });
  });

  test('whose sleep is none is refused', () => {
    expect(() => run(1, [{ afterRecords: 1, kind: 'zombie', wakesAfterRecords: 0 }])).toThrow(
      'a zombie is to wake up after 0 records; allowed: whole numbers from 1',
    );
  });
});

describe('an acknowledgement that is lost', () => {
  test.each(['exactly_once', 'at_least_once'] as const)('repeats nothing of what is committed (%s)', (guarantee) => {
    const { counts, processed } = run(9, [{ afterRecords: 5, kind: 'lost-acknowledgement' }], { guarantee });
    expect({ counts, processed }).toEqual({ counts: [1, 2, 3, 4, 5, 6, 7, 8, 9], processed: 9 });
  });
});
