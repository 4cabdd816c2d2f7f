import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BatchProducer } from '../../src/kafka/batch-producer.ts';
import { Fetcher } from '../../src/kafka/fetcher.ts';
import { KafkaClient } from '../../src/kafka/kafka-client.ts';
import type { IsolationLevel } from '../../src/kafka/types.ts';
import type { Headers } from '../../src/processor/headers.ts';
import { partitionForKey } from '../../src/processor/partitioner.ts';
import { silent } from '../runtime/runtime-fakes.ts';
import { KafkaStreams } from '../../src/runtime/kafka-streams.ts';
import { eachRecord, type TakeRecord } from '../../src/runtime/restore/raw-records.ts';
import type { StreamsConfig } from '../../src/runtime/streams-config.ts';
import type { Topology } from '../../src/topology/topology.ts';

/** A record as a test reads it. */
export interface ReadRecord {
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly timestamp: number;
  readonly partition: number;
  readonly offset: number;
}

/** A record to write, of text. */
export interface PlacedRecord {
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
  readonly partition: number;
  readonly headers?: Headers;
}

/** One application of the test and the web server that its other instances ask. */
export interface RunningApp {
  readonly streams: KafkaStreams;
  readonly address: string;
}

/** Tests write records of 1970, which a broker would delete the next time it looks. */
const KEEPS_OLD_RECORDS = { 'retention.ms': '-1' };

/** A broker for one test: fresh names, applications and sockets that are closed after it. */
export class ClusterUnderTest {
  readonly client: KafkaClient;
  /** Differs from test to test, so that they can share a broker. */
  readonly applicationId = `it-${randomUUID().slice(0, 8)}`;
  private readonly brokers: readonly string[];
  private readonly producer: BatchProducer;
  /** Of the topics that the test has made. */
  private readonly partitions = new Map<string, number>();
  private readonly apps: KafkaStreams[] = [];
  private readonly servers: Server[] = [];

  constructor(brokers: readonly string[]) {
    this.brokers = brokers;
    this.client = new KafkaClient({ brokers, clientId: 'test', retryTimeoutMs: 20_000 });
    this.producer = new BatchProducer(this.client, { lingerMs: 0 });
  }

  /** Creates a topic of this test and returns its full name. */
  async topic(name: string, partitions: number, configs: Readonly<Record<string, string>> = {}): Promise<string> {
    const topic = `${this.applicationId}-${name}`;
    await this.client.createTopics([
      { topic, partitions, replicationFactor: 1, configs: { ...KEEPS_OLD_RECORDS, ...configs } },
    ]);
    this.partitions.set(topic, partitions);
    return topic;
  }

  /** Starts an instance and waits until it runs. Its queries can be asked at `address`. */
  async start(topology: Topology, config: Partial<StreamsConfig> = {}): Promise<RunningApp> {
    const app = await this.prepare(topology, config);
    await app.streams.start();
    return app;
  }

  /** As `start`, without starting it. */
  async prepare(topology: Topology, config: Partial<StreamsConfig> = {}): Promise<RunningApp> {
    const mounted: { handler?: KafkaStreams['queryHandler'] } = {};
    const server = createServer((request, response) => {
      if (mounted.handler === undefined || request.url !== `/internal/v1/streams/${this.applicationId}/query`) {
        response.writeHead(404).end();
      } else mounted.handler(request, response);
    });
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const streams = new KafkaStreams(topology, {
      applicationId: this.applicationId,
      kafka: { brokers: this.brokers, clientId: 'app', retryTimeoutMs: 20_000 },
      applicationServer: address,
      heartbeatIntervalMs: 50,
      queryTimeoutMs: 30_000,
      producer: { lingerMs: 0 },
      internalTopicConfigs: KEEPS_OLD_RECORDS,
      logger: silent,
      ...config,
    });
    mounted.handler = streams.queryHandler;
    this.apps.push(streams);
    return { streams, address };
  }

  /** Writes a record of a topic of this test where its key belongs and returns its place once Kafka has it. */
  async produce(
    topic: string,
    key: string | null,
    value: string | Buffer | null,
    timestamp = 1_000,
  ): Promise<{ topic: string; partition: number; offset: number }> {
    const partitions = this.partitions.get(topic) ?? 1;
    const keyBytes = key === null ? null : Buffer.from(key);
    const partition = keyBytes === null ? 0 : partitionForKey(keyBytes, partitions);
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    const { baseOffset, index } = this.producer.appendForResult(topic, partition, timestamp, keyBytes, bytes);
    return { topic, partition, offset: (await baseOffset) + index };
  }

  /** Writes records to a topic, each to its partition, in order; resolves once Kafka has them all. */
  async produceAll(topic: string, rows: readonly PlacedRecord[]): Promise<void> {
    const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text));
    const receipts = rows.map(({ partition, timestamp, key, value, headers }) =>
      this.producer.appendForResult(topic, partition, timestamp, bytes(key), bytes(value), headers),
    );
    await Promise.all(receipts.map(({ baseOffset }) => baseOffset));
  }

  /** Reads a topic from its beginning until there are `count` records, with a deadline; more than that are returned too. */
  async read(
    topic: string,
    count: number,
    timeoutMs = 20_000,
    isolation: IsolationLevel = 'read_uncommitted',
  ): Promise<ReadRecord[]> {
    const partitions = (await this.client.partitionsOf([topic])).get(topic) ?? 0;
    const fetcher = new Fetcher(this.client, { maxWaitMs: 100, isolation });
    const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: 0 }));
    fetcher.add(all);
    const records: ReadRecord[] = [];
    const { signal } = new AbortController();
    const deadline = performance.now() + timeoutMs;
    try {
      while (records.length < count) {
        if (performance.now() > deadline) {
          throw new Error(`${topic} has ${records.length} records after ${timeoutMs} ms, expected ${count}`);
        }
        await fetcher.waitForData(100);
        for (const fetched of fetcher.poll()) {
          const take: TakeRecord = (key, value, timestamp, offset) => {
            records.push({
              key: key === null ? null : Buffer.from(key).toString(),
              value: value === null ? null : Buffer.from(value),
              timestamp,
              partition: fetched.partition,
              offset,
            });
          };
          await eachRecord(fetched, { sliceMs: 10, take, signal });
        }
      }
    } finally {
      await fetcher.close();
    }
    return records;
  }

  async close(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.close({ timeoutMs: 5_000 })));
    for (const server of this.servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    await this.producer.close(1_000);
    await this.client.close();
  }
}
