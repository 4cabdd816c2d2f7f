import { describe, expect, test } from '@jest/globals';
import { Topology, TopologyError, serdes, stores } from '@playhead/stream-core';
import type { KeyValueStore, Processor } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const text = { key: serdes.string, value: serdes.string };
const store = (name = 'seen') => stores.keyValue({ name, ...text });

/** Forwards what a key had before and keeps the new value. */
function previous(): Processor<string, string, string, string | null> {
  let seen: KeyValueStore<string, string>;
  let forward: (record: never) => void;
  return {
    init(context) {
      seen = context.getStateStore('seen');
      forward = (record) => context.forward(record);
    },
    process(record) {
      const value = seen.get(record.key);
      seen.put(record.key, record.value);
      forward({ ...record, value } as never);
    },
  };
}

const byHand = (): Topology =>
  new Topology()
    .addSource({ name: 'source', topics: ['in'], ...text })
    .addProcessor({ name: 'previous', supplier: previous, parents: ['source'] })
    .addStateStore(store(), ['previous'])
    .addSink({ name: 'sink', topic: 'out', ...text, parents: ['previous'] });

test('a topology made by hand runs, and describes itself as in Kafka Streams', () => {
  const topology = byHand();
  const driver = new TopologyTestDriver(topology);
  const input = driver.createInputTopic({ name: 'in', ...text });
  const output = driver.createOutputTopic({ name: 'out', ...text });
  input.pipeInput('1', 'k', 5);
  input.pipeInput('2', 'k', 6);
  expect(output.readKeyValuesToList()).toEqual([
    ['k', null],
    ['k', '1'],
  ]);
  expect(topology.describe()).toBe(
    [
      'Topologies:',
      '   Sub-topology: 0',
      '    Source: source (topics: [in])',
      '      --> previous',
      '    Processor: previous (stores: [seen])',
      '      --> sink',
      '      <-- source',
      '    Sink: sink (topic: out)',
      '      <-- previous',
      '',
      '',
    ].join('\n'),
  );
});

test('the plan names stores, changelogs and topics in full', () => {
  const { subtopologies, internalTopics } = byHand().plan('app');
  expect(subtopologies).toHaveLength(1);
  expect(subtopologies[0]).toMatchObject({ id: 0, sourceTopics: ['in'], sinkTopics: ['out'] });
  expect(subtopologies[0]?.stores.map(({ name, changelogTopic }) => [name, changelogTopic])).toEqual([
    ['seen', 'app-seen-changelog'],
  ]);
  expect(internalTopics).toEqual([
    {
      name: 'app-seen-changelog',
      kind: 'changelog',
      config: { 'cleanup.policy': 'compact', 'message.timestamp.type': 'CreateTime' },
    },
  ]);
});

test('a store without logging has no changelog', () => {
  const topology = new Topology()
    .addSource({ name: 'source', topics: ['in'], ...text })
    .addProcessor({ name: 'p', supplier: previous, parents: ['source'] })
    .addStateStore(stores.keyValue({ name: 'seen', ...text, logging: false }), ['p']);
  expect(topology.plan('app').internalTopics).toEqual([]);
});

describe('refuses', () => {
  const source = { name: 'source', topics: ['in'], ...text };
  test.each<[what: string, act: () => unknown]>([
    ['an empty topology', () => new Topology().plan('app')],
    ['a name used twice', () => new Topology().addSource(source).addSource({ ...source, topics: ['other'] })],
    ['a topic read twice', () => new Topology().addSource(source).addSource({ ...source, name: 'b' })],
    ['a source without topics', () => new Topology().addSource({ ...source, topics: [] })],
    ['a name that no topic can have', () => new Topology().addSource({ ...source, name: 'a b' })],
    ['a name of 250 characters', () => new Topology().addSource({ ...source, name: 'x'.repeat(250) })],
    ['an unknown parent', () => new Topology().addProcessor({ name: 'p', supplier: previous, parents: ['source'] })],
    ['no parent', () => new Topology().addSink({ name: 's', topic: 'out', ...text, parents: [] })],
    ['a sink as parent', () => byHand().addProcessor({ name: 'p', supplier: previous, parents: ['sink'] })],
    [
      'an unknown store',
      () => byHand().addProcessor({ name: 'p', supplier: previous, parents: ['source'], stores: ['x'] }),
    ],
    ['another store of the same name', () => byHand().addStateStore(store())],
    ['a store on a sink', () => byHand().addStateStore(store('other'), ['sink'])],
  ])('%s', (_what, act) => {
    expect(act).toThrow(TopologyError);
  });
});

test('a store comes with the processor that is given its builder', () => {
  const topology = new Topology()
    .addSource({ name: 'source', topics: ['in'], ...text })
    .addProcessor({ name: 'previous', supplier: previous, parents: ['source'], stores: [store()] });
  const driver = new TopologyTestDriver(topology);
  driver.createInputTopic({ name: 'in', ...text }).pipeInput('1', 'k', 5);
  expect(driver.keyValueStore('seen').get('k')).toBe('1');
});

test('a read-only store is filled by a topic, which serves as its changelog', () => {
  const rates = stores.keyValue({ name: 'rates', ...text });
  const keep = (): Processor<string, string, never, never> => {
    let kept: KeyValueStore<string, string>;
    return {
      init: (context) => void (kept = context.getStateStore('rates')),
      process: ({ key, value }) => kept.put(key, value),
    };
  };
  const topology = new Topology()
    .addReadOnlyStateStore({
      builder: rates,
      topic: 'in',
      source: 'source',
      processor: 'keep',
      supplier: keep,
      ...text,
    })
    .addSource({ name: 'asks', topics: ['asks'], ...text });
  const driver = new TopologyTestDriver(topology);
  driver.createInputTopic({ name: 'in', ...text }).pipeInput('1.1', 'eur', 5);
  expect(driver.keyValueStore('rates').get('eur')).toBe('1.1');
  expect(driver.produced).toEqual([]);
  expect(topology.plan('app').internalTopics).toMatchObject([{ name: 'in', kind: 'source-changelog' }]);
});
