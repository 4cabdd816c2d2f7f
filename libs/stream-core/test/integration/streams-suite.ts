import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deadLetterOnError } from '../../src/runtime/task-handlers.ts';
import type { KafkaStreams } from '../../src/runtime/kafka-streams.ts';
import { eventually } from '../runtime/runtime-fakes.ts';
import { ClusterUnderTest, type ReadRecord } from './cluster-under-test.ts';
import { countTopology, jsonCountTopology } from './counting-topologies.ts';

const TIMEOUT_MS = 60_000;

/** The last count of each key, as the output topic shows it. */
function lastCounts(records: readonly ReadRecord[]): Record<string, number> {
  return Object.fromEntries(records.map(({ key, value }) => [key, Number(value?.readBigInt64BE(0))]));
}

const KEYS = Array.from({ length: 20 }, (_, index) => `key-${index}`);

/** What the runtime has to do on every broker: registered once for the embedded one and once for Apache Kafka. */
export function streamsSuite(title: string, brokers: () => readonly string[]): void {
  describe(`an application on ${title}`, () => {
    let cluster: ClusterUnderTest;
    beforeEach(() => {
      cluster = new ClusterUnderTest(brokers());
    });
    afterEach(() => cluster.close(), TIMEOUT_MS);

    /** A counting application on topics of four partitions. */
    async function counting() {
      const input = await cluster.topic('in', 4);
      const output = await cluster.topic('out', 4);
      return { input, output, topology: () => countTopology(input, output) };
    }

    test(
      'counts what arrives and shows it in its output and its store',
      async () => {
        const { input, output, topology } = await counting();
        const { streams } = await cluster.start(topology());
        for (const key of [...KEYS, ...KEYS]) await cluster.produce(input, key, 'x');
        expect(lastCounts(await cluster.read(output, 40))).toEqual(Object.fromEntries(KEYS.map((key) => [key, 2])));
        const result = await streams.query<string, number>('counts').get('key-3');
        expect(result.value).toBe(2);
        expect(streams.state).toBe('RUNNING');
      },
      TIMEOUT_MS,
    );

    test(
      'after a clean stop goes on where it was, with its state from the changelog',
      async () => {
        const { input, output, topology } = await counting();
        const first = await cluster.start(topology());
        for (const key of KEYS) await cluster.produce(input, key, 'x');
        await cluster.read(output, 20);
        expect(await first.streams.close()).toBe(true);
        expect(first.streams.state).toBe('NOT_RUNNING');
        const second = await cluster.start(topology());
        for (const key of KEYS) await cluster.produce(input, key, 'x');
        const records = await cluster.read(output, 40);
        expect(records).toHaveLength(40);
        expect(lastCounts(records)).toEqual(Object.fromEntries(KEYS.map((key) => [key, 2])));
        expect((await second.streams.query<string, number>('counts').get('key-7')).value).toBe(2);
      },
      TIMEOUT_MS,
    );

    test(
      'two instances share the tasks; when one leaves the other takes over with the state',
      async () => {
        const { input, output, topology } = await counting();
        const first = await cluster.start(topology());
        for (const key of KEYS) await cluster.produce(input, key, 'x');
        await cluster.read(output, 20);
        const second = await cluster.start(topology());
        const balanced = (): boolean => [first, second].every(({ streams }) => running(streams) === 2);
        await eventually(balanced, 'two tasks each');
        for (const key of KEYS) await cluster.produce(input, key, 'x');
        expect(await cluster.read(output, 40)).toHaveLength(40);
        await first.streams.close();
        await eventually(() => running(second.streams) === 4, 'all tasks at the one that stayed');
        for (const key of KEYS) await cluster.produce(input, key, 'x');
        const records = await cluster.read(output, 60);
        expect(lastCounts(records)).toEqual(Object.fromEntries(KEYS.map((key) => [key, 3])));
        expect(records).toHaveLength(60);
      },
      TIMEOUT_MS,
    );

    test(
      'a static member that comes back has its tasks again and disturbs nobody',
      async () => {
        const { input, output, topology } = await counting();
        const first = await cluster.start(topology(), { groupInstanceId: 'one' });
        const second = await cluster.start(topology(), { groupInstanceId: 'two' });
        await eventually(() => running(first.streams) === 2 && running(second.streams) === 2, 'two each');
        const before = first.streams.tasks().map(({ task }) => task);
        const rebalances = rebalancesOf(second.streams);
        await first.streams.close();
        for (const key of KEYS) await cluster.produce(input, key, 'x');
        const again = await cluster.start(topology(), { groupInstanceId: 'one', applicationServer: first.address });
        expect(again.streams.tasks().map(({ task }) => task)).toEqual(before);
        expect(lastCounts(await cluster.read(output, 20))).toEqual(Object.fromEntries(KEYS.map((key) => [key, 1])));
        expect(rebalancesOf(second.streams)).toBe(rebalances);
      },
      TIMEOUT_MS,
    );

    test(
      'any instance answers any key, up to a record that was just written',
      async () => {
        const { input, topology } = await counting();
        const first = await cluster.start(topology());
        const second = await cluster.start(topology());
        await eventually(() => running(first.streams) === 2 && running(second.streams) === 2, 'two tasks each');
        for (const key of KEYS) {
          const bound = await cluster.produce(input, key, 'x');
          for (const { streams } of [first, second]) {
            const result = await streams.query<string, number>('counts').get(key, { bound, acknowledged: true });
            expect(result.value).toBe(1);
            expect(result.position.find(({ topic }) => topic === input)?.offset).toBeGreaterThanOrEqual(bound.offset);
          }
        }
        const all = await second.streams.query<string, number>('counts').all();
        expect(all.entries.map(({ key }) => key)).toEqual(KEYS.toSorted());
        const owners = KEYS.map((key) => first.streams.queryMetadataForKey('counts', key).owner?.applicationServer);
        expect(new Set(owners)).toEqual(new Set([first.address, second.address]));
      },
      TIMEOUT_MS,
    );

    test(
      'questions are answered all through a rebalance, by whoever owns the key by then',
      async () => {
        const { input, topology } = await counting();
        const first = await cluster.start(topology());
        const counts = new Map<string, number>();
        const stop = new AbortController();
        const asking = (async () => {
          while (!stop.signal.aborted) {
            const key = KEYS[counts.size % KEYS.length] ?? 'key-0';
            const bound = await cluster.produce(input, key, 'x');
            const options = { bound, acknowledged: true, timeoutMs: 30_000 };
            const { value = 0 } = await first.streams.query<string, number>('counts').get(key, options);
            counts.set(`${key} at ${bound.offset}`, value);
          }
        })();
        await eventually(() => counts.size > 0, 'the first answer');
        const second = await cluster.start(topology());
        await eventually(() => running(first.streams) === 2 && running(second.streams) === 2, 'two each');
        const third = await cluster.start(topology());
        await eventually(() => running(third.streams) === 1, 'a task for the third');
        await second.streams.close();
        await eventually(() => running(first.streams) === 2 && running(third.streams) === 2, 'two each again');
        const during = counts.size;
        await eventually(() => counts.size >= during + 5, 'answers after the last rebalance');
        stop.abort();
        await asking;
        expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(1);
      },
      TIMEOUT_MS,
    );

    test(
      'a bound that is not reached in time is refused, saying how far the task is',
      async () => {
        const { input, topology } = await counting();
        const { streams } = await cluster.start(topology());
        const { partition } = await cluster.produce(input, 'a', 'x');
        const asked = streams
          .query('counts')
          .get('a', { bound: { topic: input, partition, offset: 99 }, timeoutMs: 200 });
        await expect(asked).rejects.toMatchObject({ code: 'STREAMS_QUERY', reason: 'TIMEOUT', partition });
        await expect(asked).rejects.toThrow('the bound is 99');
      },
      TIMEOUT_MS,
    );

    test.each([
      ['cannot be read', '{broken', '{"n":1}'],
      ['cannot be processed', '"fail"', '{"n":1}'],
    ])(
      'a record that %s goes to the dead letters and the next one goes through',
      async (_, poison, good) => {
        const input = await cluster.topic('in', 4);
        const output = await cluster.topic('out', 4);
        const handlers = { deserialization: deadLetterOnError, processing: deadLetterOnError };
        const { streams } = await cluster.start(jsonCountTopology(input, output), { handlers });
        await cluster.produce(input, 'a', poison);
        await cluster.produce(input, 'a', good);
        expect(lastCounts(await cluster.read(output, 1))).toEqual({ a: 1 });
        const [dead] = await cluster.read(`${input}.dead-letter`, 1);
        expect([dead?.key, dead?.value?.toString()]).toEqual(['a', poison]);
        expect(streams.state).toBe('RUNNING');
        const dropped = [...streams.metrics()].filter(({ name }) => name === 'dead-letter-total');
        expect(dropped.map(({ value }) => value)).toEqual([1]);
      },
      TIMEOUT_MS,
    );

    test(
      'by default such a record ends the application with its cause, and nothing is committed past it',
      async () => {
        const { input, output, topology } = await counting();
        const { streams } = await cluster.start(topology());
        await cluster.produce(input, 'a', 'fail');
        await eventually(() => streams.state === 'ERROR', 'the error');
        expect(String((streams.error as Error).message)).toContain('count');
        const again = await cluster.prepare(topology());
        await again.streams.start().catch(() => {});
        await eventually(() => again.streams.state === 'ERROR', 'the same error again');
        await expect(cluster.read(output, 1, 300)).rejects.toThrow('has 0 records');
      },
      TIMEOUT_MS,
    );

    test(
      'refuses to start on a missing source topic and on a changelog of another size, naming them',
      async () => {
        const output = await cluster.topic('out', 1);
        const missing = await cluster.prepare(countTopology('no-such-topic', output));
        await expect(missing.streams.start()).rejects.toThrow('no-such-topic');
        await eventually(() => missing.streams.state === 'ERROR', 'the state ERROR');
        const input = await cluster.topic('in', 4);
        await cluster.topic('counts-changelog', 3);
        const unequal = await cluster.prepare(countTopology(input, output));
        await expect(unequal.streams.start()).rejects.toThrow('counts-changelog has 3, the topology needs 4');
      },
      TIMEOUT_MS,
    );

    test(
      'says when it has caught up with the log as of its start',
      async () => {
        const { input, topology } = await counting();
        for (const key of KEYS) await cluster.produce(input, key, 'x');
        const { streams } = await cluster.start(topology());
        await streams.caughtUp();
        expect(streams.tasks().map(({ task, caughtUp }) => [task, caughtUp])).toEqual([
          ['0_0', true],
          ['0_1', true],
          ['0_2', true],
          ['0_3', true],
        ]);
        expect(streams.tasks().flatMap(({ inputs }) => inputs.map(({ lag }) => lag))).toEqual([0, 0, 0, 0]);
      },
      TIMEOUT_MS,
    );
  });
}

const running = (streams: KafkaStreams): number =>
  streams.state === 'RUNNING' ? streams.tasks().filter(({ state }) => state === 'RUNNING').length : -1;

const rebalancesOf = (streams: KafkaStreams): number =>
  [...streams.metrics()].find(({ name }) => name === 'rebalance-total')?.value ?? 0;
