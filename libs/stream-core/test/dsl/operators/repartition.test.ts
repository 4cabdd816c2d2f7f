import { expect, test } from '@jest/globals';
import { StreamsBuilder } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { partitionForKey } from '../../../src/processor/partitioner.ts';
import { TEXT, streamIn } from '../operator-driver.ts';

test('repartition goes through a topic of its own and keeps key, value and time', () => {
  const builder = new StreamsBuilder();
  streamIn(builder).repartition({ name: 'hop', partitions: 3 }).to('out');
  const topology = builder.build();
  expect(topology.plan('app').internalTopics).toMatchObject([
    { name: 'app-hop-repartition', kind: 'repartition', partitions: 3 },
  ]);
  const driver = new TopologyTestDriver(topology, { partitions: 2 });
  const input = driver.createInputTopic({ name: 'in', ...TEXT });
  for (const key of ['a', 'b', 'c', 'd']) input.pipeInput(key, key, 5);
  const hops = driver.produced.filter(({ topic }) => topic === 'app-hop-repartition');
  expect(hops.map(({ key, partition }) => [key?.toString(), partition])).toEqual(
    ['a', 'b', 'c', 'd'].map((key) => [key, partitionForKey(Buffer.from(key), 3)]),
  );
  const output = driver.createOutputTopic({ name: 'out', ...TEXT }).readRecords();
  expect(output.map(({ key, value, timestamp }) => [key, value, timestamp]).sort()).toEqual(
    ['a', 'b', 'c', 'd'].map((key) => [key, key, 5]),
  );
});
