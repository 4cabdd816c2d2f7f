import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startTestBroker } from '@playhead/embedded-kafka/testing';
import type { TestBroker } from '@playhead/embedded-kafka/testing';
import { createLogger, defineSettings, port, runService, ServiceError } from '@playhead/service-kit';
import type { RunningService, RunningTopology, TopologyService } from '@playhead/service-kit';
import { testIdentity } from '@playhead/service-kit/testing';
import { serdes, StreamsBuilder } from '@playhead/stream-core';
import type { KafkaStreams, Serde, Topic } from '@playhead/stream-core';
import { KafkaClient, RecordProducer, TailReader } from '@playhead/stream-core/client';
import { Router } from 'express';

jest.setTimeout(60_000);

const settings = defineSettings({ COUNTER_ADMIN_PORT: port('Admin port.', 0) });
const words: Topic<string, number> = { name: 'words', key: serdes.string, value: serdes.long };
const rawWords: Topic<string, Uint8Array> = { name: 'words', key: serdes.string, value: serdes.bytes };
const keys = testIdentity();
const logger = createLogger({ service: 'counter', level: 'silent' });

type Count = (word: string) => Promise<number | undefined>;

/** What the topology was given to ask, at the last start. */
let running: RunningTopology | undefined;

/** Sums numbers by word. */
const counter: TopologyService<typeof settings, Count> = {
  name: 'counter',
  settings,
  adminPort: 'COUNTER_ADMIN_PORT',
  topics: ({ prefix, partitions, replicationFactor }) =>
    ['words', 'words.dead-letter'].map((name) => ({
      name: `${prefix}${name}`,
      partitions,
      replicationFactor,
      configs: {},
    })),
  topology: (_settings, _options, given) => {
    running = given;
    const builder = new StreamsBuilder();
    builder
      .stream(words)
      .groupByKey()
      .aggregate(
        () => 0,
        (sum: number, value) => sum + (value ?? 0),
        { storeName: 'sums', value: serdes.long },
      );
    return builder.build();
  },
  lookups: (streams: KafkaStreams) => async (word) => (await streams.query<string, number>('sums').get(word)).value,
  routes: (_streams, _context, count) =>
    Router().get(
      '/words/:word',
      async ({ params: { word } }, response) => void response.json({ sum: await count(word) }),
    ),
};

describe('a topology service', () => {
  let broker: TestBroker;
  let client: KafkaClient;
  let producer: RecordProducer;
  let service: RunningService<Count> | undefined;
  const env = () => ({
    KAFKA_BROKERS: broker.address,
    SCHEMA_REGISTRY_URL: broker.registryUrl,
    PLAYHEAD_DATA_DIR: keys.dataDir,
  });

  beforeAll(async () => {
    broker = await startTestBroker();
    client = new KafkaClient({ brokers: [broker.address], clientId: 'test' });
    producer = new RecordProducer(client, {});
  });
  afterEach(async () => {
    await service?.close();
    service = undefined;
  });
  afterAll(async () => {
    await producer.close();
    await client.close();
    await broker.close();
    keys.remove();
  });

  const send = async (word: string, value: number): Promise<void> => {
    await producer.send({ topic: words, key: word, value, timestamp: Date.now() });
  };
  const untilSum = async (count: Count, word: string, sum: number): Promise<void> => {
    const deadline = performance.now() + 30_000;
    while ((await count(word)) !== sum) {
      if (performance.now() > deadline) throw new Error(`${word} is not ${sum} but ${await count(word)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it('creates its topics, is ready when caught up, and answers in process and over /internal/v1', async () => {
    service = await runService(counter, { env: env(), logger });
    await service.ready;
    await send('a', 1);
    await send('a', 2);
    await untilSum(service.lookups, 'a', 3);
    const base = `http://127.0.0.1:${service.adminPort}`;
    const headers = { authorization: `Bearer ${keys.identity.serviceTokens.sign()}` };
    expect(await (await fetch(`${base}/internal/v1/words/a`, { headers })).json()).toEqual({ sum: 3 });
    expect((await fetch(`${base}/internal/v1/words/a`)).status).toBe(401);
    expect((await fetch(`${base}/health/ready`)).status).toBe(200);
    const metrics = await (await fetch(`${base}/metrics`)).text();
    expect(metrics).toMatch(/streams_state\{state="RUNNING",service="counter"\} 1/);
    expect(metrics).toMatch(/streams_process_total\{service="counter"\} 2/);
  });

  it('has its state again after a restart', async () => {
    service = await runService(counter, { env: env(), logger });
    await service.ready;
    expect(await service.lookups('a')).toBe(3);
    expect(running?.isCaughtUp()).toBe(true);
    await service.close();
    expect(running?.isCaughtUp()).toBe(false);
  });

  it('puts a record that it cannot read to the dead letters and goes on', async () => {
    service = await runService(counter, { env: env(), logger });
    await service.ready;
    await producer.send({ topic: rawWords, key: 'a', value: Buffer.from('poison'), timestamp: Date.now() });
    await send('a', 4);
    await untilSum(service.lookups, 'a', 7);
    // The letter may be on its way when the sum is there.
    const first = Promise.withResolvers<string>();
    const letters = new TailReader(client, {
      topic: { ...rawWords, name: 'words.dead-letter' },
      from: 'earliest',
      onRecord: ({ value }) => first.resolve(Buffer.from(value ?? []).toString()),
      onError: first.reject,
    });
    await letters.start();
    expect(await first.promise).toBe('poison');
    await letters.close();
  });

  it('commits in transactions when it is to be exactly_once', async () => {
    const once: typeof counter = { ...counter, name: 'counter-once', processingGuarantee: 'exactly_once' };
    service = await runService(once, { env: env(), logger });
    await service.ready;
    await send('b', 1);
    await untilSum(service.lookups, 'b', 1);
    await service.close();
    const topic = 'counter-once-sums-changelog';
    let records = 0;
    const changes = new TailReader(client, {
      topic: { ...rawWords, name: topic },
      from: 'earliest',
      onRecord: () => void records++,
      onError: () => void (records = Number.NaN),
    });
    await changes.start();
    await changes.caughtUp;
    await changes.close();
    const partitions = (await client.partitionsOf([topic])).get(topic) ?? 0;
    const places = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
    const ends = await client.listOffsets(places, 'latest');
    // What a reader does not see are the markers of transactions.
    const markers = ends.reduce((sum, { offset }) => sum + offset, 0) - records;
    expect(markers).toBeGreaterThan(0);
  });

  it('names the setting that is missing for state in Redis', async () => {
    const started = runService(counter, { env: { ...env(), STREAMS_STATE: 'redis' }, logger });
    await expect(started).rejects.toThrow('STREAMS_STATE_REDIS_URL: is required where STREAMS_STATE is redis');
  });

  it('was ready when the schema of its store was not registered, and put every record to the dead letters', async () => {
    const unregistered: typeof counter = {
      ...counter,
      name: 'unregistered',
      topology: () => {
        const builder = new StreamsBuilder();
        const value: Serde<number> = {
          open: (context) => ({ ...serdes.long.open(context), writeError: new Error(`no schema of ${context.topic}`) }),
        };
        const grouped = builder.stream(words).groupByKey();
        grouped.aggregate(
          () => 0,
          (sum: number) => sum,
          { storeName: 'sums', value },
        );
        return builder.build();
      },
    };
    service = await runService(unregistered, { env: env(), logger });
    const ended = Promise.race([service.ended, service.ready]);
    expect(await ended).toMatchObject({ message: 'no schema of unregistered-sums-changelog' });
  });

  it('refuses to start on topics with another partition count, naming both', async () => {
    const starting = runService(counter, { env: { ...env(), TOPIC_PARTITIONS: '8' }, logger });
    await expect(starting).rejects.toThrow(ServiceError);
    await expect(starting).rejects.toThrow('words has 4 partitions, TOPIC_PARTITIONS asks for 8');
  });
});
