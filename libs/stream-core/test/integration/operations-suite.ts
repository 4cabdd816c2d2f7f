import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { serdes, StreamsBuilder, type KafkaStreams, type Topology } from '@playhead/stream-core';
import { resetApplication } from '../../src/runtime/reset/reset-application.ts';
import { eventually } from '../runtime/runtime-fakes.ts';
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

const metric = (streams: KafkaStreams, name: string): number =>
  [...streams.metrics()].filter((sample) => sample.name === name).reduce((sum, { value }) => sum + value, 0);

/** `name labels` of each row of the page. */
function metricRows(): string[] {
  const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  return Array.from(
    page.matchAll(/^\| `([\w-]+)` \| `\w+` \| ([^|]*?) ?\|/gm),
    ([, name, labels]) => `${name} ${labels}`,
  );
}

/** The counts in a topic as `key count`, ascending. */
async function countsOf(cluster: ClusterUnderTest, topic: string, count: number): Promise<string[]> {
  const records = await cluster.read(topic, count);
  return records.map(({ key, value }) => `${key} ${value?.readBigInt64BE(0)}`).sort();
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
      'while it is paused nothing is processed, questions are answered and the group knows it; then it goes on, and it can start paused',
      async () => {
        const input = await cluster.topic('in', 2);
        const output = await cluster.topic('out', 2);
        const { streams } = await cluster.start(countTopology(input, output));
        for (const key of ['a', 'b']) await cluster.produce(input, key, 'x');
        await cluster.read(output, 2);
        streams.pause();
        await cluster.produce(input, 'a', 'x');
        const { streams: other } = await cluster.prepare(countTopology(input, output));
        other.pause();
        await other.start();
        await eventually(
          () => [streams, other].every((app) => app.tasks().length === 1 && app.state === 'RUNNING'),
          'a task each, and neither in a rebalance',
        );
        expect([streams.isPaused, other.isPaused]).toEqual([true, true]);
        expect((await streams.query<string, number>('counts').get('a')).value).toBe(1);
        expect(await countsOf(cluster, output, 2)).toEqual(['a 1', 'b 1']);
        for (const app of [streams, other]) app.resume();
        expect(await countsOf(cluster, output, 3)).toEqual(['a 1', 'a 2', 'b 1']);
      },
      TIMEOUT_MS,
    );

    test(
      'replace-thread begins anew after an error, from what is committed, as often as it is asked; close ends it meanwhile',
      async () => {
        const input = await cluster.topic('in', 2);
        const output = await cluster.topic('out', 2);
        const states: string[] = [];
        let failures = 0;
        const { streams } = await cluster.prepare(countTopology(input, output), {
          handlers: {
            // The record fails three times, then it is left out.
            processing: () => (failures < 3 ? 'fail' : 'continue'),
            uncaught: () => {
              failures++;
              return 'replace-thread';
            },
          },
        });
        streams.onStateChange((state) => states.push(state));
        await streams.start();
        await cluster.produce(input, 'a', 'x');
        await cluster.read(output, 1);
        await eventually(() => streams.tasks().every(({ committed }) => committed), 'the commit');
        await cluster.produce(input, 'a', 'fail');
        await cluster.produce(input, 'a', 'x');
        expect(await countsOf(cluster, output, 2)).toEqual(['a 1', 'a 2']);
        await eventually(() => streams.state === 'RUNNING', 'RUNNING again');
        expect([failures, metric(streams, 'failed-stream-threads')]).toEqual([3, 3]);
        expect(states.slice(0, 3)).toEqual(['REBALANCING', 'RUNNING', 'REBALANCING']);
        failures = 0;
        await cluster.produce(input, 'a', 'fail');
        await eventually(() => failures > 0, 'the next error');
        expect(await streams.close()).toBe(true);
        expect(streams.state).toBe('NOT_RUNNING');
      },
      TIMEOUT_MS,
    );

    test(
      'shutdown-application ends every instance in ERROR with the reason; one that is started later runs',
      async () => {
        const input = await cluster.topic('in', 2);
        const output = await cluster.topic('out', 2);
        const topology = (): Topology => countTopology(input, output);
        const handlers = { uncaught: () => 'shutdown-application' as const };
        const apps = [
          (await cluster.start(topology(), { handlers })).streams,
          (await cluster.start(topology(), { handlers })).streams,
          (await cluster.start(topology())).streams,
        ];
        await cluster.produce(input, 'a', 'fail');
        await eventually(() => apps.every(({ state }) => state === 'ERROR'), 'the end of all');
        const codes = apps.map(({ error }) => (error as { code: string }).code).sort();
        expect(codes).toEqual(['STREAMS_PROCESSOR', 'STREAMS_SHUTDOWN', 'STREAMS_SHUTDOWN']);
        const told = apps.find(({ error }) => (error as { code: string }).code === 'STREAMS_SHUTDOWN');
        expect(String(told?.error)).toMatch(/every instance ends: .*this record cannot be processed/);
        const { streams: later } = await cluster.start(topology(), { handlers: { processing: () => 'continue' } });
        expect(later.state).toBe('RUNNING');
      },
      TIMEOUT_MS,
    );

    test(
      'every metric stands on the page of metrics, with its labels, and the page has no others',
      async () => {
        const input = await cluster.topic('in', 2);
        const output = await cluster.topic('out', 2);
        const { streams } = await cluster.start(countTopology(input, output));
        const now = Date.now();
        for (const key of ['a', 'b', 'c']) await cluster.produce(input, key, 'x', now);
        await cluster.read(output, 3);
        await eventually(() => metric(streams, 'commit-total') > 0, 'a commit');
        const shown = new Map(
          [...streams.metrics()].map(({ name, labels }) => [`${name} ${Object.keys(labels).join(', ')}`, name]),
        );
        const rows = new Set(metricRows());
        expect([...shown.keys()].filter((row) => !rows.has(row))).toEqual([]);
        const shownAtTimes = new Set([
          'dropped-records-total',
          // Where state is on disk.
          'disk-bytes',
          'standby-lag',
          'restore-remaining',
          'restore-rate',
          'restore-eta-ms',
        ]);
        const absent = [...rows].filter((row) => !shown.has(row) && !shownAtTimes.has(row.split(' ')[0] ?? ''));
        expect(absent).toEqual([]);
        expect(metric(streams, 'record-e2e-latency-ms-count')).toBeGreaterThan(0);
        expect(metric(streams, 'record-e2e-latency-max')).toBeGreaterThanOrEqual(
          metric(streams, 'record-e2e-latency-avg') / 2,
        );
        expect(metric(streams, 'bytes-consumed-total')).toBeGreaterThan(0);
        expect(metric(streams, 'estimate-num-keys')).toBe(3);
      },
      TIMEOUT_MS,
    );

    test(
      'a reset is refused while an instance runs; a dry run changes nothing; after it everything is counted anew',
      async () => {
        const input = await cluster.topic('in', 2);
        const output = await cluster.topic('out', 2);
        const { client, applicationId } = cluster;
        const { streams } = await cluster.start(countTopology(input, output));
        for (const key of ['a', 'b', 'a']) await cluster.produce(input, key, 'x');
        await cluster.read(output, 3);
        await expect(resetApplication(client, { applicationId, to: 'earliest' })).rejects.toThrow(
          /1 active members: app/,
        );
        await streams.close();

        const dry = await resetApplication(client, { applicationId, to: 'earliest', dryRun: true });
        const own = [`${applicationId}-counts-changelog`, `${applicationId}-topology`];
        expect(dry.deletedTopics).toEqual(own);
        expect(dry.offsets.map(({ from = 0 }) => from).reduce((sum, from) => sum + from, 0)).toBe(3);
        expect([...(await client.partitionsOf(own)).keys()]).toEqual(own);
        const again = await cluster.start(countTopology(input, output));
        await cluster.produce(input, 'a', 'x');
        expect(await countsOf(cluster, output, 4)).toEqual(['a 1', 'a 2', 'a 3', 'b 1']);
        await again.streams.close();

        await resetApplication(client, { applicationId, to: 'earliest' });
        expect((await client.partitionsOf(own)).size).toBe(0);
        await cluster.start(countTopology(input, output));
        const anew = ['a 1', 'a 1', 'a 2', 'a 2', 'a 3', 'a 3', 'b 1', 'b 1'];
        expect(await countsOf(cluster, output, 8)).toEqual(anew);
      },
      TIMEOUT_MS,
    );

    test(
      'after a reset to the end only what comes later is counted',
      async () => {
        const input = await cluster.topic('in', 2);
        const output = await cluster.topic('out', 2);
        const { client, applicationId } = cluster;
        const { streams } = await cluster.start(countTopology(input, output));
        for (const key of ['a', 'b', 'a']) await cluster.produce(input, key, 'x');
        await cluster.read(output, 3);
        await streams.close();
        await cluster.produce(input, 'b', 'x');
        await resetApplication(client, { applicationId, to: 'latest' });
        await cluster.start(countTopology(input, output));
        await cluster.produce(input, 'a', 'x');
        expect(await countsOf(cluster, output, 4)).toEqual(['a 1', 'a 1', 'a 2', 'b 1']);
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
