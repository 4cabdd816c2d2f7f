import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { serdes, StreamsBuilder, type Topology } from '@playhead/stream-core';
import { ClusterUnderTest } from './cluster-under-test.ts';
import { countTopology } from './counting-topologies.ts';

const TIMEOUT_MS = 60_000;
const TEXTS = { key: serdes.string, value: serdes.string };

/** A count whose store has no name of its own, below `filters` other operators. */
function unnamedCount(input: string, filters: number): Topology {
  const builder = new StreamsBuilder();
  let stream = builder.stream<string, string>(input, TEXTS);
  for (let at = 0; at < filters; at++) stream = stream.filter(() => true);
  stream.groupByKey().count();
  return builder.build();
}

/** What whoever operates an application does with it, on every broker. */
export function operationsSuite(title: string, brokers: () => readonly string[]): void {
  describe(`operations of an application on ${title}`, () => {
    let cluster: ClusterUnderTest;
    beforeEach(() => {
      cluster = new ClusterUnderTest(brokers());
    });
    afterEach(() => cluster.close(), TIMEOUT_MS);

    test(
      'an operator that renumbers a store is refused at the next start, before anything is made; the same topology and an accepted change start',
      async () => {
        const input = await cluster.topic('in', 2);
        for (const start of [1, 2]) {
          const { streams } = await cluster.start(unnamedCount(input, 0));
          expect([start, await streams.close()]).toEqual([start, true]);
        }
        const { streams: changed } = await cluster.prepare(unnamedCount(input, 1));
        await expect(changed.start()).rejects.toThrow(/AGGREGATE-STATE-STORE-0000000001 is gone.*0000000002 is new/);
        const orphan = `${cluster.applicationId}-KSTREAM-AGGREGATE-STATE-STORE-0000000002-changelog`;
        expect((await cluster.client.partitionsOf([orphan])).size).toBe(0);
        const accepted = await cluster.start(unnamedCount(input, 1), { topologyChanges: 'accept' });
        await accepted.streams.close();
        const { streams } = await cluster.start(unnamedCount(input, 1));
        expect(streams.state).toBe('RUNNING');
      },
      TIMEOUT_MS,
    );

    test(
      'an internal topic with settings that lose state is refused, naming setting and topic',
      async () => {
        const input = await cluster.topic('in', 2);
        const output = await cluster.topic('out', 2);
        const topic = `${cluster.applicationId}-counts-changelog`;
        const configs = { 'cleanup.policy': 'delete' };
        await cluster.client.createTopics([{ topic, partitions: 2, replicationFactor: 1, configs }]);
        const { streams } = await cluster.prepare(countTopology(input, output));
        await expect(streams.start()).rejects.toThrow(`${topic} has cleanup.policy=delete; allowed: compact`);
      },
      TIMEOUT_MS,
    );
  });
}
