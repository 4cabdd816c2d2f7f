import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { StreamsBuilder } from '../../src/dsl/streams-builder.ts';
import { TimeWindows } from '../../src/dsl/windows.ts';
import { serdes } from '../../src/serde/serdes.ts';
import type { ReadOnlyKeyValueStore } from '../../src/state/key-value-store.ts';
import type { ReadOnlyWindowStore } from '../../src/state/window-store.ts';
import { deadLetterOnError } from '../../src/runtime/task-handlers.ts';
import { ClusterUnderTest } from './cluster-under-test.ts';

const TIMEOUT_MS = 60_000;
const texts = { key: serdes.string, value: serdes.string };
const countOf = (value: Buffer | null): number => Number(value?.readBigInt64BE(0));

/** Topologies of the DSL as applications: what only shows with real topics between the parts. */
export function dslSuite(title: string, brokers: () => readonly string[]): void {
  describe(`a topology of the DSL on ${title}`, () => {
    let cluster: ClusterUnderTest;
    beforeEach(() => {
      cluster = new ClusterUnderTest(brokers());
    });
    afterEach(() => cluster.close(), TIMEOUT_MS);

    test(
      'a sink that names its topic for each record writes to topics that no one else names',
      async () => {
        const input = await cluster.topic('beats', 1);
        const outputs = [await cluster.topic('kiwi', 1), await cluster.topic('other', 2)] as const;
        const builder = new StreamsBuilder();
        builder
          .stream<string, string>(input, texts)
          .to((country) => (country === 'NZ' ? outputs[0] : outputs[1]), texts);
        await cluster.start(builder.build());
        for (const country of ['NZ', 'DE']) await cluster.produce(input, 'a', country, 0);
        const [kiwi, other] = await Promise.all(outputs.map((topic) => cluster.read(topic, 1)));
        expect([kiwi?.map(({ value }) => String(value)), other?.map(({ value }) => String(value))]).toEqual([
          ['NZ'],
          ['DE'],
        ]);
      },
      TIMEOUT_MS,
    );

    test(
      'a windowed count is written, can be asked by window, and comes back from its changelog',
      async () => {
        const input = await cluster.topic('beats', 3);
        const output = await cluster.topic('counts', 3);
        const topology = () => {
          const builder = new StreamsBuilder();
          builder
            .stream<string, string>(input, texts)
            .groupByKey()
            .windowedBy(TimeWindows.of({ sizeMs: 60_000, graceMs: 10_000 }))
            .count({ storeName: 'per-minute' })
            .toStream()
            .to(output, { key: serdes.timeWindowed(serdes.string, 60_000), value: serdes.long });
          return builder.build();
        };
        const first = await cluster.start(topology());
        const minutes = Array.from({ length: 5 }, (_, index) => index * 60_000);
        for (const start of minutes) {
          for (const offset of [0, 30_000]) await cluster.produce(input, 'a', 'x', start + offset);
        }
        const written = await cluster.read(output, 10);
        expect(written.map(({ value }) => countOf(value))).toEqual([1, 2, 1, 2, 1, 2, 1, 2, 1, 2]);
        // The window's start follows the key, as Kafka Streams writes it.
        expect(
          Buffer.from(written[9]?.key ?? '')
            .subarray(0, 1)
            .toString(),
        ).toBe('a');
        await first.streams.close();

        const second = await cluster.start(topology());
        const bound = await cluster.produce(input, 'a', 'x', 240_000);
        const recent = await second.streams
          .query<string, number>('per-minute')
          .fetch('a', 180_000, 240_000, { bound, acknowledged: true });
        expect(recent.windows.map(({ windowStartMs, value }) => [windowStartMs, value])).toEqual([
          [180_000, 2],
          [240_000, 3],
        ]);
        const local = [...second.streams.store<ReadOnlyWindowStore<string, number>>('per-minute').values()];
        expect(local.flatMap((store) => [...store.all()]).at(-1)).toMatchObject({ key: 'a', value: 3 });
      },
      TIMEOUT_MS,
    );

    test(
      'a count by another key goes through a repartition topic that the application makes',
      async () => {
        const input = await cluster.topic('beats', 4);
        const builder = new StreamsBuilder();
        builder
          .stream<string, string>(input, texts)
          .groupBy((country) => country, { name: 'by-country', ...texts })
          .count({ storeName: 'countries' });
        const { streams } = await cluster.start(builder.build());
        for (let viewer = 0; viewer < 30; viewer++) {
          await cluster.produce(input, `viewer-${viewer}`, viewer % 3 === 0 ? 'NO' : 'PT');
        }
        const repartition = `${cluster.applicationId}-by-country-repartition`;
        const forwarded = await cluster.read(repartition, 30);
        expect(new Set(forwarded.map(({ key }) => key))).toEqual(new Set(['NO', 'PT']));
        const last = forwarded.findLast(({ key }) => key === 'PT');
        const bound = { topic: repartition, partition: last?.partition ?? 0, offset: last?.offset ?? 0 };
        const { value } = await streams.query<string, number>('countries').get('PT', { bound });
        expect(value).toBe(20);
        expect((await cluster.client.describeTopicConfig(repartition)).get('cleanup.policy')).toBe('delete');
      },
      TIMEOUT_MS,
    );

    test(
      'a record that fails behind a repartition topic has its dead letter too',
      async () => {
        const input = await cluster.topic('beats', 2);
        const output = await cluster.topic('out', 2);
        const builder = new StreamsBuilder();
        builder
          .stream<string, string>(input, texts)
          .selectKey((country) => country)
          .repartition({ name: 'by-country', ...texts })
          .mapValues((value) => {
            if (value === 'nowhere') throw new Error('no such country');
            return value.toLowerCase();
          })
          .to(output, texts);
        const { streams } = await cluster.start(builder.build(), { handlers: { processing: deadLetterOnError } });
        for (const country of ['nowhere', 'PT']) await cluster.produce(input, 'viewer', country);
        expect((await cluster.read(output, 1)).map(({ value }) => String(value))).toEqual(['pt']);
        const dead = await cluster.read(`${cluster.applicationId}-by-country-repartition.dead-letter`, 1);
        expect(dead.map(({ key, value }) => [key, String(value)])).toEqual([['nowhere', 'nowhere']]);
        expect(streams.state).toBe('RUNNING');
      },
      TIMEOUT_MS,
    );

    test(
      'a global table is filled before the first record is processed, and kept current',
      async () => {
        const input = await cluster.topic('plays', 3);
        const titles = await cluster.topic('titles', 2);
        const output = await cluster.topic('named', 3);
        for (let title = 0; title < 50; title++) await cluster.produce(titles, `t-${title}`, `Title ${title}`);
        await cluster.produce(input, 'viewer', 't-7');
        const builder = new StreamsBuilder();
        const table = builder.globalTable<string, string>(titles, { storeName: 'titles', ...texts });
        builder
          .stream<string, string>(input, texts)
          .joinGlobal(
            table,
            (titleId) => titleId,
            (titleId, title) => `${titleId}=${title}`,
          )
          .to(output, texts);
        const { streams } = await cluster.start(builder.build());
        expect((await cluster.read(output, 1)).map(({ value }) => String(value))).toEqual(['t-7=Title 7']);
        const bound = await cluster.produce(titles, 't-7', 'Renamed');
        const asked = await streams.query<string, string>('titles').get('t-7', { bound });
        expect(asked.value).toBe('Renamed');
        await cluster.produce(input, 'viewer', 't-7');
        expect((await cluster.read(output, 2)).map(({ value }) => String(value))).toEqual([
          't-7=Title 7',
          't-7=Renamed',
        ]);
        const store = streams.store<ReadOnlyKeyValueStore<string, string>>('titles').get(0);
        expect(store?.approximateEntries).toBe(50);
      },
      TIMEOUT_MS,
    );

    test(
      'a stream joined with a table sees the table as it was restored',
      async () => {
        const plans = await cluster.topic('plans', 3);
        const input = await cluster.topic('beats', 3);
        const output = await cluster.topic('joined', 3);
        const topology = () => {
          const builder = new StreamsBuilder();
          const table = builder.table<string, string>(plans, { storeName: 'plans', ...texts });
          builder
            .stream<string, string>(input, texts)
            .join(table, (beat, plan) => `${beat} on ${plan}`)
            .to(output, texts);
          return builder.build();
        };
        const first = await cluster.start(topology());
        const bound = await cluster.produce(plans, 'a', 'premium');
        await first.streams.query('plans').get('a', { bound, acknowledged: true });
        await first.streams.close();
        await cluster.start(topology());
        await cluster.produce(input, 'a', 'beat');
        expect((await cluster.read(output, 1)).map(({ value }) => String(value))).toEqual(['beat on premium']);
      },
      TIMEOUT_MS,
    );
  });
}
