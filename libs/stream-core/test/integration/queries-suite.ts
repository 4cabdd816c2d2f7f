import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SessionWindows, StreamsBuilder, TimeWindows, serdes } from '@playhead/stream-core';
import type {
  KafkaStreams,
  LogPosition,
  QueryOptions,
  StoreQuery,
  StreamsConfig,
  Topology,
} from '@playhead/stream-core';
import { eventually } from '../runtime/runtime-fakes.ts';
import { ClusterUnderTest } from './cluster-under-test.ts';

const TIMEOUT_MS = 60_000;
const KEYS = ['ada', 'bob', 'cleo', 'dan', 'eve'];
/** Of each key's records, after the start of the hour. */
const TIMES = [0, 5, 12, 40];
const HOUR_MS = 3_600_000;
const START_MS = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;

function countingInEveryWay(input: string): Topology {
  const builder = new StreamsBuilder();
  const stream = builder.stream<string, string>(input, { key: serdes.string, value: serdes.string });
  stream.toTable({ storeName: 'versions', historyMs: 60_000 });
  const grouped = stream.groupByKey();
  grouped.count({ storeName: 'counts' });
  grouped.windowedBy(TimeWindows.of({ sizeMs: 10, graceMs: 50 })).count({ storeName: 'windows' });
  grouped.windowedBy(SessionWindows.of({ inactivityGapMs: 10, graceMs: 50 })).count({ storeName: 'sessions' });
  return builder.build();
}

/** Questions of every kind, asked of the owner by each of two instances. */
export function queriesSuite(
  title: string,
  brokers: () => readonly string[],
  configOf: (instance: number) => Partial<StreamsConfig> = () => ({}),
): void {
  describe(`on ${title} either of two instances answers`, () => {
    let cluster: ClusterUnderTest;
    let instances: KafkaStreams[];
    const bounds = new Map<string, LogPosition>();

    beforeAll(async () => {
      cluster = new ClusterUnderTest(brokers());
      const input = await cluster.topic('in', 4);
      const started = [
        await cluster.start(countingInEveryWay(input), configOf(0)),
        await cluster.start(countingInEveryWay(input), configOf(1)),
      ];
      instances = started.map(({ streams }) => streams);
      const balanced = (): boolean =>
        instances.every((each) => each.tasks().filter(({ state }) => state === 'RUNNING').length === 2);
      await eventually(balanced, 'two tasks each');
      for (const key of KEYS) {
        for (const timeMs of TIMES)
          bounds.set(key, await cluster.produce(input, key, `at ${timeMs}`, START_MS + timeMs));
      }
      // Afterwards no question needs a bound.
      for (const [key, bound] of bounds) await instances[0]?.query('counts').get(key, { bound });
    }, TIMEOUT_MS);
    afterAll(() => cluster.close(), TIMEOUT_MS);

    /** Both instances' answers to a question, which must not differ. */
    async function ask<A, V = number>(
      store: string,
      question: (query: StoreQuery<string, V>) => Promise<A>,
    ): Promise<A> {
      const [first, second] = await Promise.all(instances.map((each) => question(each.query<string, V>(store))));
      expect(second).toEqual(first);
      return first as A;
    }

    test('one value of a key, all of them, a range of keys and their number', async () => {
      for (const key of KEYS) expect(await ask('counts', (query) => query.get(key))).toMatchObject({ value: 4 });
      const keysOf = ({ entries }: { entries: readonly { key: string }[] }) => entries.map(({ key }) => key);
      expect(keysOf(await ask('counts', (query) => query.all()))).toEqual(KEYS);
      expect(keysOf(await ask('counts', (query) => query.range('bob', 'dan')))).toEqual(['bob', 'cleo', 'dan']);
      expect((await ask('counts', (query) => query.count())).count).toBe(5);
    });

    test('windows of a key by time, windows of all keys by time, and their number', async () => {
      const counted = [
        [0, 2],
        [10, 1],
        [40, 1],
      ].map(([start = 0, value]) => ({ windowStartMs: START_MS + start, value }));
      for (const key of KEYS) {
        const { windows } = await ask('windows', (query) => query.fetch(key, START_MS, START_MS + 50));
        expect(windows).toMatchObject(counted);
      }
      const { windows, truncated } = await ask('windows', (query) =>
        query.fetchAll(START_MS + 10, START_MS + 40, { limit: 7 }),
      );
      expect(windows.map(({ key, windowStartMs }) => `${key}@${windowStartMs - START_MS}`)).toEqual([
        ...KEYS.map((key) => `${key}@10`),
        'ada@40',
        'bob@40',
      ]);
      expect(truncated).toBe(true);
      expect((await ask('windows', (query) => query.count())).count).toBe(15);
    });

    test('sessions of a key, those of a time, and their number', async () => {
      const [early, late] = [
        { startMs: START_MS, endMs: START_MS + 12, value: 3 },
        { startMs: START_MS + 40, endMs: START_MS + 40, value: 1 },
      ];
      for (const key of KEYS) {
        expect((await ask('sessions', (query) => query.findSessions(key))).sessions).toEqual([early, late]);
      }
      const since = { earliestEndMs: START_MS + 13 };
      expect((await ask('sessions', (query) => query.findSessions('ada', since))).sessions).toEqual([late]);
      const until = { latestStartMs: START_MS + 39 };
      expect((await ask('sessions', (query) => query.findSessions('ada', until))).sessions).toEqual([early]);
      expect((await ask('sessions', (query) => query.count())).count).toBe(10);
    });

    test('what a key had at a time', async () => {
      const asOf = (timeMs: number) =>
        ask('versions', (query: StoreQuery<string, string>) => query.getAsOf('cleo', START_MS + timeMs));
      expect(await asOf(-1)).toMatchObject({ value: undefined });
      expect(await asOf(4)).toMatchObject({ value: 'at 0', timestamp: START_MS });
      expect(await asOf(39)).toMatchObject({ value: 'at 12', timestamp: START_MS + 12 });
      expect(await asOf(99)).toMatchObject({ value: 'at 40', timestamp: START_MS + 40 });
      const latest = await ask('versions', (query: StoreQuery<string, string>) => query.get('cleo'));
      expect(latest).toMatchObject({ value: 'at 40' });
    });

    const bounded: readonly [string, (query: StoreQuery<string, number>, options: QueryOptions) => Promise<unknown>][] =
      [
        ['counts', (query, options) => query.get('ada', options)],
        ['windows', (query, options) => query.fetch('ada', START_MS, START_MS, options)],
        ['sessions', (query, options) => query.findSessions('ada', options)],
      ];
    test.each(bounded)('up to a bound in %s', async (store, question) => {
      await ask(store, (query) => question(query, { bound: bounds.get('ada'), acknowledged: true }));
    });

    test('that a bound does not come', async () => {
      const bound = bounds.get('ada') as LogPosition;
      const later = { bound: { ...bound, offset: bound.offset + 1_000 }, timeoutMs: 2_000 };
      const asked = instances.flatMap((each) =>
        bounded.map(([store, question]) => question(each.query<string, number>(store), later)),
      );
      const answers = await Promise.allSettled(asked);
      for (const answer of answers) expect(answer).toMatchObject({ status: 'rejected', reason: { reason: 'TIMEOUT' } });
      expect(answers).toHaveLength(6);
    });

    test('what a store’s kind does not answer is refused, naming what it does', async () => {
      for (const each of instances) {
        const asked = each.query('sessions').fetch('ada', 0, 1);
        await expect(asked).rejects.toMatchObject({ code: 'STREAMS_QUERY', reason: 'BAD_QUERY', store: 'sessions' });
        await expect(asked).rejects.toThrow('"sessions" is a session store, which can be asked: count, findSessions');
        await expect(each.query('counts').getAsOf('ada', 1)).rejects.toThrow('getAsOf needs a versioned store');
        expect(() => each.query('no-such-store')).toThrow('it has: versions, counts, windows, sessions');
      }
    });
  });
}
