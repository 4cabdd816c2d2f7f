import {
  compressionName,
  ErrorCode,
  fetchApi,
  findCoordinatorApi,
  offsetCommitApi,
  RecordCursor,
} from '@playhead/kafka-protocol';
import { RawClient } from '@playhead/embedded-kafka/testing';
import { KafkaClient, RecordProducer } from '@playhead/stream-core/client';
import { waitUntil } from './wait-until.ts';

/** An Apache Kafka that starts again on a busy machine takes longer than the default of two minutes. */
const RETRY_LIMIT_MS = 300_000;

/** What the cases do themselves, with the project's own client: topics, and records that a client is to read. */
export class OwnClient {
  readonly #client: KafkaClient;
  readonly #producer: RecordProducer;
  readonly #brokers: string;

  constructor(brokers: string) {
    this.#brokers = brokers;
    this.#client = new KafkaClient({ brokers: [brokers], clientId: 'conformance', retryTimeoutMs: RETRY_LIMIT_MS });
    this.#producer = new RecordProducer(this.#client, { lingerMs: 1 });
  }

  /** Creates a topic. */
  async createTopic(topic: string, partitions = 1, configs: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#client.createTopics([{ topic, partitions, configs }]);
  }

  /** All settings of a topic. */
  configOf(topic: string): Promise<ReadonlyMap<string, string | null>> {
    return this.#client.describeTopicConfig(topic);
  }

  /** Names of all topics. */
  async topics(): Promise<readonly string[]> {
    return [...(await this.#client.partitionsOfAll()).keys()];
  }

  /** Sends values without keys, spread over so many partitions in turn; resolves when all are acknowledged. */
  async send(topic: string, values: readonly string[], partitions = 1, timestamps?: readonly number[]): Promise<void> {
    await Promise.all(
      values.map((value, index) => {
        const timestamp = timestamps?.[index];
        return this.#producer.send({
          topic,
          key: null,
          value: Buffer.from(value),
          partition: index % partitions,
          ...(timestamp === undefined ? {} : { timestamp }),
        });
      }),
    );
  }

  /** Commits offset 0 of every partition for a group that nobody has joined. */
  async commitBeginning(group: string, topic: string, partitions: number): Promise<void> {
    const raw = await this.#connect();
    const commit = async (): Promise<readonly number[]> => {
      // The first to ask for a coordinator may have to wait for it.
      await raw.send(findCoordinatorApi, 2, { key: group });
      const { topics } = await raw.send(offsetCommitApi, 7, {
        groupId: group,
        generationId: -1,
        memberId: '',
        topics: [
          {
            name: topic,
            partitions: Array.from({ length: partitions }, (_, partitionIndex) => ({
              partitionIndex,
              committedOffset: 0,
            })),
          },
        ],
      });
      return topics.flatMap((one) => one.partitions.map(({ errorCode }) => errorCode));
    };
    try {
      await waitUntil('no error code', commit, (codes) => codes.every((code) => code === ErrorCode.NONE));
    } finally {
      await raw.close();
    }
  }

  /** The codecs of the batches in partition 0, as they are stored. */
  async codecsOf(topic: string): Promise<ReadonlySet<string>> {
    const raw = await this.#connect();
    try {
      const { responses } = await raw.send(fetchApi, 11, {
        maxWaitMs: 0,
        minBytes: 1,
        maxBytes: 2 ** 24,
        topics: [{ topic, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 2 ** 24 }] }],
      });
      const cursor = new RecordCursor().reset(responses[0]?.partitions[0]?.records ?? Buffer.alloc(0));
      const codecs = new Set<string>();
      // The broker's own markers at the ends of transactions are not compressed.
      while (cursor.nextBatch()) if (!cursor.isControl) codecs.add(compressionName(cursor.compression));
      return codecs;
    } finally {
      await raw.close();
    }
  }

  async close(): Promise<void> {
    await this.#producer.close();
    await this.#client.close();
  }

  #connect(): Promise<RawClient> {
    const [host, port] = this.#brokers.split(':');
    return RawClient.connect(Number(port), host);
  }
}
