import { describe, expect, test } from '@jest/globals';
import { TopologyError } from '../../src/errors.ts';
import type { NewTopic } from '../../src/kafka/types.ts';
import { prepareTopics, resolvePartitionCounts, type TopologyTopics } from '../../src/runtime/internal-topics.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const options = { replicationFactor: 3, configs: { 'min.insync.replicas': '2' }, logger: silent };

const repartition = (name: string, enforcedPartitions?: number) => ({
  name,
  configs: { 'cleanup.policy': 'delete' },
  enforcedPartitions,
});
const subtopology = (
  id: number,
  sourceTopics: string[],
  sinkTopics: string[] = [],
  copartitionGroups: string[][] = [],
  changelogs: string[] = [],
) => ({
  id,
  sourceTopics,
  sinkTopics,
  copartitionGroups,
  changelogs: changelogs.map((name) => ({ name, configs: { 'cleanup.policy': 'compact' } })),
});

/** A cluster with these topics; `meanwhile` are created by somebody else just before ours. */
function cluster(topics: Record<string, number>, meanwhile: Record<string, number> = {}) {
  const present = new Map(Object.entries(topics));
  const created: NewTopic[] = [];
  return {
    created,
    partitionsOf: (names: readonly string[]) =>
      Promise.resolve(new Map([...present].filter(([name]) => names.includes(name)))),
    createTopics: (wanted: readonly NewTopic[]) => {
      for (const [name, count] of Object.entries(meanwhile)) present.set(name, count);
      for (const topic of wanted) {
        if (!present.has(topic.topic)) present.set(topic.topic, topic.partitions);
        created.push(topic);
      }
      return Promise.resolve([]);
    },
  };
}

describe('partition counts', () => {
  const cases: [string, TopologyTopics, Record<string, number>, Record<string, number>][] = [
    [
      'a repartition topic has as many as the widest source of those who write it',
      {
        subtopologies: [subtopology(0, ['a', 'b'], ['r']), subtopology(1, ['r'])],
        repartitionTopics: [repartition('r')],
        globalTopics: [],
      },
      { a: 3, b: 5 },
      { a: 3, b: 5, r: 5 },
    ],
    [
      'counts flow down a chain',
      {
        subtopologies: [subtopology(0, ['r1'], ['r2']), subtopology(1, ['a'], ['r1']), subtopology(2, ['r2'])],
        repartitionTopics: [repartition('r2'), repartition('r1')],
        globalTopics: [],
      },
      { a: 7 },
      { a: 7, r1: 7, r2: 7 },
    ],
    [
      'beside an external topic it takes the count of that one',
      {
        subtopologies: [subtopology(0, ['a'], ['r']), subtopology(1, ['r', 'table'], [], [['r', 'table']])],
        repartitionTopics: [repartition('r')],
        globalTopics: [],
      },
      { a: 3, table: 6 },
      { a: 3, table: 6, r: 6 },
    ],
    [
      'two repartition topics that are joined take the greater one',
      {
        subtopologies: [
          subtopology(0, ['a'], ['r1']),
          subtopology(1, ['b'], ['r2']),
          subtopology(2, ['r1', 'r2'], [], [['r1', 'r2']]),
        ],
        repartitionTopics: [repartition('r1'), repartition('r2')],
        globalTopics: [],
      },
      { a: 3, b: 8 },
      { a: 3, b: 8, r1: 8, r2: 8 },
    ],
    [
      'a number that was asked for counts for the whole group',
      {
        subtopologies: [subtopology(0, ['a'], ['r1', 'r2']), subtopology(2, ['r1', 'r2'], [], [['r1', 'r2']])],
        repartitionTopics: [repartition('r1', 2), repartition('r2')],
        globalTopics: [],
      },
      { a: 3 },
      { a: 3, r1: 2, r2: 2 },
    ],
  ];
  test.each(cases)('%s', (_, topology, external, expected) => {
    const counts = resolvePartitionCounts(topology, new Map(Object.entries(external)));
    expect(Object.fromEntries(counts)).toEqual(expected);
  });

  test.each([
    [
      'joined topics that disagree, naming both',
      {
        subtopologies: [subtopology(0, ['a', 'b'], [], [['a', 'b']])],
        repartitionTopics: [],
        globalTopics: [],
      },
      'a has 3, b has 4',
    ],
    [
      'repartition topics that depend on each other',
      {
        subtopologies: [subtopology(0, ['r1'], ['r2']), subtopology(1, ['r2'], ['r1'])],
        repartitionTopics: [repartition('r1'), repartition('r2')],
        globalTopics: [],
      },
      'r1, r2 depend on each other',
    ],
  ])('refuses %s', (_, topology, message) => {
    const counts = new Map([
      ['a', 3],
      ['b', 4],
    ]);
    expect(() => resolvePartitionCounts(topology, counts)).toThrow(TopologyError);
    expect(() => resolvePartitionCounts(topology, counts)).toThrow(message);
  });
});

describe('internal topics', () => {
  const topology: TopologyTopics = {
    subtopologies: [
      subtopology(0, ['beats'], ['app-r-repartition']),
      subtopology(1, ['app-r-repartition'], [], [], ['app-s-changelog']),
    ],
    repartitionTopics: [repartition('app-r-repartition')],
    globalTopics: ['tenants'],
  };

  test('creates what is missing with counts, configs and replication, and says the counts', async () => {
    const admin = cluster({ beats: 4, tenants: 1 });
    const counts = await prepareTopics(admin, topology, options);
    expect(Object.fromEntries(counts)).toEqual({ beats: 4, tenants: 1, 'app-r-repartition': 4 });
    expect(admin.created).toEqual([
      {
        topic: 'app-r-repartition',
        partitions: 4,
        replicationFactor: 3,
        configs: { 'cleanup.policy': 'delete', 'min.insync.replicas': '2' },
      },
      {
        topic: 'app-s-changelog',
        partitions: 4,
        replicationFactor: 3,
        configs: { 'cleanup.policy': 'compact', 'min.insync.replicas': '2' },
      },
    ]);
  });

  test('leaves alone what exists with the right count', async () => {
    const admin = cluster({ beats: 4, tenants: 1, 'app-r-repartition': 4, 'app-s-changelog': 4 });
    await prepareTopics(admin, topology, options);
    expect(admin.created).toEqual([]);
  });

  test.each([
    ['was there before', { 'app-s-changelog': 6 }, {}],
    ['was created meanwhile by another instance', {}, { 'app-s-changelog': 6 }],
  ])('refuses another partition count that %s, naming both', async (_, before, meanwhile) => {
    const admin = cluster({ beats: 4, tenants: 1, ...before }, meanwhile);
    await expect(prepareTopics(admin, topology, options)).rejects.toThrow(
      'app-s-changelog has 6, the topology needs 4',
    );
  });

  test('refuses source topics that do not exist, all at once', async () => {
    await expect(prepareTopics(cluster({}), topology, options)).rejects.toThrow(
      'source topics do not exist: beats, tenants',
    );
  });
});
