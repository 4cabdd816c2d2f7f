import { expect, test } from '@jest/globals';
import type { PartitionOffset, TopicPartition } from '../../src/kafka/types.ts';
import { outOfRangePolicy, startOffsets } from '../../src/runtime/start-offsets.ts';
import type { OffsetReset } from '../../src/topology/offset-reset.ts';

/** A log of a record a second from 0 to 9. */
const client = {
  asked: [] as unknown[],
  async listOffsets(
    partitions: readonly TopicPartition[],
    at: 'earliest' | 'latest' | number,
  ): Promise<PartitionOffset[]> {
    client.asked.push(at);
    const offset = at === 'earliest' ? 0 : at === 'latest' ? 10 : at > 9_000 ? -1 : Math.ceil(at / 1_000);
    return partitions.map((partition) => ({ ...partition, offset, timestamp: -1 }));
  },
};

const place = (resets: readonly [string, OffsetReset][], offsetReset: 'earliest' | 'latest' = 'earliest') => ({
  offsetReset,
  offsetResets: new Map(resets),
  now: () => 10_000,
});

test.each<[OffsetReset | undefined, number]>([
  [undefined, 0],
  ['earliest', 0],
  ['latest', 10],
  [{ byDurationMs: 3_000 }, 7],
  [{ byDurationMs: 100_000 }, 0],
  [{ byDurationMs: 500 }, 10],
])('a source that says %j begins at %d', async (reset, offset) => {
  const resets = reset === undefined ? [] : [['in', reset] as [string, OffsetReset]];
  const found = await startOffsets(client, [{ topic: 'in', partition: 0 }], place(resets));
  expect(found).toMatchObject([{ topic: 'in', partition: 0, offset }]);
});

test('asks once for each place', async () => {
  client.asked = [];
  const inputs = ['a', 'b', 'c'].flatMap((topic) => [0, 1].map((partition) => ({ topic, partition })));
  expect(await startOffsets(client, inputs, place([['b', 'latest']]))).toHaveLength(6);
  expect(client.asked).toEqual(['earliest', 'latest']);
  expect(await startOffsets(client, [], place([]))).toEqual([]);
});

test('a source that begins nowhere without a committed offset stops the application', async () => {
  const started = startOffsets(client, [{ topic: 'in', partition: 0 }], place([['in', 'none']]));
  await expect(started).rejects.toMatchObject({ code: 'STREAMS_CONFIG', context: { topic: 'in' } });
});

test.each<[OffsetReset, string]>([
  ['none', 'fail'],
  ['latest', 'latest'],
  ['earliest', 'earliest'],
  [{ byDurationMs: 5 }, 'earliest'],
])('an offset that has been deleted, where the source says %j: %s', (reset, policy) => {
  expect(outOfRangePolicy('in', place([['in', reset]]))).toBe(policy);
  expect(outOfRangePolicy('other', place([['in', reset]], 'latest'))).toBe('latest');
});
