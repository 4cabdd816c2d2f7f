import { describe, expect, test } from '@jest/globals';
import { TopologyError } from '../../src/errors.ts';
import type { NewTopic } from '../../src/kafka/types.ts';
import { prepareTopics } from '../../src/runtime/internal-topics.ts';
import { serdes } from '../../src/serde/serdes.ts';
import type { TopologyPlan } from '../../src/topology/topology-plan.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const options = {
  replicationFactor: 3,
  configs: { 'min.insync.replicas': '2' },
  deadLetters: false,
  anySinkTopic: false,
  checkTopology: () => Promise.resolve('1'),
  logger: silent,
};

/** What the shape of a store is read from. */
const builder = { keySerde: serdes.string, valueSerde: serdes.string } as never;

/** beats ─▶ repartition ─▶ count, beside a global table. */
const plan: TopologyPlan = {
  applicationId: 'app',
  subtopologies: [
    {
      id: 0,
      nodes: [],
      sourceTopics: ['beats'],
      repartitionTopics: [],
      sinkTopics: ['app-r-repartition', 'rare'],
      stores: [],
      copartitionGroups: [['beats']],
    },
    {
      id: 1,
      nodes: [],
      sourceTopics: ['app-r-repartition'],
      repartitionTopics: ['app-r-repartition'],
      sinkTopics: ['counts'],
      stores: [
        { name: 's', builder, changelogTopic: 'app-s-changelog', isSourceChangelog: false },
        { name: 't', builder, changelogTopic: 'app-r-repartition', isSourceChangelog: true },
      ],
      copartitionGroups: [['app-r-repartition']],
    },
  ],
  internalTopics: [
    { name: 'app-r-repartition', kind: 'repartition', config: { 'cleanup.policy': 'delete' } },
    { name: 'app-s-changelog', kind: 'changelog', config: { 'cleanup.policy': 'compact' } },
    { name: 'app-r-repartition', kind: 'source-changelog', config: {} },
  ],
  globalStores: [{ topic: 'tenants', builder: {} as never }],
  offsetResets: new Map(),
};

/** A cluster with these topics; `meanwhile` are created by somebody else just before ours. */
function cluster(
  topics: Record<string, number>,
  meanwhile: Record<string, number> = {},
  settings: Record<string, Record<string, string>> = {},
) {
  const present = new Map(Object.entries(topics));
  const created: NewTopic[] = [];
  return {
    created,
    partitionsOf: (names: readonly string[]) =>
      Promise.resolve(new Map([...present].filter(([name]) => names.includes(name)))),
    partitionsOfAll: () => Promise.resolve(new Map(present)),
    describeTopicConfig: (topic: string) => Promise.resolve(new Map(Object.entries(settings[topic] ?? {}))),
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

describe('internal topics', () => {
  test.each([
    ['knows every topic where a sink names its topic for each record', true, 7],
    ['asks for its own topics only where none does', false, undefined],
  ])('%s', async (_what, anySinkTopic, expected) => {
    const admin = cluster({ beats: 4, tenants: 1, counts: 2, 'out-a': 7 });
    const { partitions } = await prepareTopics(admin, plan, { ...options, anySinkTopic });
    expect(partitions.get('out-a')).toBe(expected);
    expect(partitions.get('app-r-repartition')).toBe(4);
  });

  test('creates what is missing with counts, configs and replication', async () => {
    const admin = cluster({ beats: 4, tenants: 1, counts: 2 });
    const prepared = await prepareTopics(admin, plan, options);
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
    expect(Object.fromEntries(prepared.tasks)).toEqual({ 0: 4, 1: 4 });
  });

  test('says the partitions of every topic that is read or written, as far as it exists', async () => {
    const prepared = await prepareTopics(cluster({ beats: 4, tenants: 1, counts: 2 }), plan, options);
    expect(Object.fromEntries(prepared.partitions)).toEqual({
      beats: 4,
      tenants: 1,
      counts: 2,
      'app-r-repartition': 4,
      'app-s-changelog': 4,
    });
  });

  test('makes a dead-letter topic for each topic that tasks read, when a handler may need it', async () => {
    const admin = cluster({ beats: 4, tenants: 1, 'app-r-repartition': 4, 'app-s-changelog': 4 });
    const prepared = await prepareTopics(admin, plan, { ...options, deadLetters: true });
    const configs = { 'min.insync.replicas': '2' };
    expect(admin.created).toEqual([
      { topic: 'beats.dead-letter', partitions: 4, replicationFactor: 3, configs },
      { topic: 'app-r-repartition.dead-letter', partitions: 4, replicationFactor: 3, configs },
    ]);
    expect(prepared.partitions.get('beats.dead-letter')).toBe(4);
  });

  test('takes a dead-letter topic as it is', async () => {
    const admin = cluster({ beats: 4, tenants: 1, 'beats.dead-letter': 1 });
    const prepared = await prepareTopics(admin, plan, { ...options, deadLetters: true });
    expect(admin.created.map(({ topic }) => topic)).not.toContain('beats.dead-letter');
    expect(prepared.partitions.get('beats.dead-letter')).toBe(1);
  });

  test('leaves alone what exists with the right count', async () => {
    const admin = cluster({ beats: 4, tenants: 1, 'app-r-repartition': 4, 'app-s-changelog': 4 });
    await prepareTopics(admin, plan, options);
    expect(admin.created).toEqual([]);
  });

  test.each([
    ['was there before', { 'app-s-changelog': 6 }, {}],
    ['was created meanwhile by another instance', {}, { 'app-s-changelog': 6 }],
  ])('refuses another partition count that %s, naming both', async (_, before, meanwhile) => {
    const admin = cluster({ beats: 4, tenants: 1, ...before }, meanwhile);
    await expect(prepareTopics(admin, plan, options)).rejects.toThrow('app-s-changelog has 6, the topology needs 4');
  });

  test('tells the check what exists before anything is made', async () => {
    const admin = cluster({ beats: 4, tenants: 1, 'app-s-changelog': 4 });
    const told: unknown[] = [];
    await prepareTopics(admin, plan, {
      ...options,
      checkTopology: ({ topics }, existing) => {
        told.push(topics, [...existing], admin.created.length);
        return Promise.resolve('2');
      },
    });
    expect(told).toEqual([
      [
        { name: 'app-r-repartition', kind: 'repartition', partitions: 4 },
        { name: 'app-s-changelog', kind: 'changelog', partitions: 4 },
      ],
      ['app-s-changelog'],
      0,
    ]);
  });

  test('makes nothing when the check refuses', async () => {
    const admin = cluster({ beats: 4, tenants: 1 });
    const refused = prepareTopics(admin, plan, { ...options, checkTopology: () => Promise.reject(new Error('no')) });
    await expect(refused).rejects.toThrow('no');
    expect(admin.created).toEqual([]);
  });

  test.each([
    ['a source topic', { tenants: 1 }, 'beats'],
    ["a global table's topic", { beats: 4 }, 'tenants'],
  ])('refuses to start without %s', async (_, topics, missing) => {
    const prepared = prepareTopics(cluster(topics), plan, options);
    await expect(prepared).rejects.toThrow(TopologyError);
    await expect(prepared).rejects.toThrow(missing);
  });
});
