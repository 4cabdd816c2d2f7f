import { describe, expect, test } from '@jest/globals';
import { StreamsBuilder, TopologyError, serdes } from '@playhead/stream-core';
import { resolvePartitionCounts } from '../../src/topology/partition-counts.ts';

const text = { key: serdes.string, value: serdes.string };

function resolve(
  define: (builder: StreamsBuilder) => void,
  partitions: Readonly<Record<string, number>>,
): { internal: Record<string, number>; tasks: number[] } {
  const builder = new StreamsBuilder();
  define(builder);
  const { internal, tasks } = resolvePartitionCounts(builder.build().plan('app'), (topic) => partitions[topic]);
  return { internal: Object.fromEntries(internal), tasks: [...tasks.values()] };
}

describe('partition counts', () => {
  test('a changelog has as many as there are tasks', () => {
    const counted = resolve((builder) => builder.stream('in', text).groupByKey().count({ storeName: 'c' }), { in: 6 });
    expect(counted).toEqual({ internal: { 'app-c-changelog': 6 }, tasks: [6] });
  });

  test('a repartition topic has as many as the source of what writes it', () => {
    const counted = resolve(
      (builder) =>
        builder
          .stream('in', text)
          .groupBy((v) => v, { name: 'g', key: serdes.string })
          .count({ storeName: 'c' }),
      { in: 3 },
    );
    expect(counted).toEqual({ internal: { 'app-g-repartition': 3, 'app-c-changelog': 3 }, tasks: [3, 3] });
  });

  test('a repartition topic that is joined has as many as the topic it is joined with', () => {
    const counted = resolve(
      (builder) => {
        const table = builder.table<string, string>('table', text);
        builder
          .stream<string, string>('in', text)
          .selectKey((v) => v)
          .join(table, (l, r) => l + r, { name: 'j', key: serdes.string })
          .to('out', { value: serdes.string });
      },
      { in: 3, table: 5 },
    );
    expect(counted.internal['app-j-repartition']).toBe(5);
  });

  test('what repartition asks for is what it gets, and the next repartition follows it', () => {
    const counted = resolve(
      (builder) =>
        builder
          .stream('in', text)
          .repartition({ name: 'wide', partitions: 8 })
          .groupBy((v) => v, { name: 'g', key: serdes.string })
          .count({ storeName: 'c' }),
      { in: 2 },
    );
    expect(counted.internal).toEqual({ 'app-wide-repartition': 8, 'app-g-repartition': 8, 'app-c-changelog': 8 });
    expect(counted.tasks).toEqual([2, 8, 8]);
  });

  test.each<[string, (builder: StreamsBuilder) => void, Record<string, number>]>([
    ['a source topic that does not exist', (builder) => builder.stream('in', text).to('out'), {}],
    [
      'joined topics of unequal counts',
      (builder) => {
        const table = builder.table<string, string>('table', text);
        builder
          .stream<string, string>('in', text)
          .join(table, (l) => l)
          .to('out', { value: serdes.string });
      },
      { in: 3, table: 5 },
    ],
    [
      'a count asked for that a join contradicts',
      (builder) => {
        const table = builder.table<string, string>('table', text);
        const wide = builder.stream<string, string>('in', text).repartition({ partitions: 4 });
        wide.join(table, (l) => l).to('out', { value: serdes.string });
      },
      { in: 3, table: 5 },
    ],
  ])('refuses %s', (_what, define, partitions) => {
    expect(() => resolve(define, partitions)).toThrow(TopologyError);
  });
});
