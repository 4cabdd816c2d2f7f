import { BatchProducer } from '../../kafka/batch-producer.ts';
import { clientClosedError } from '../../kafka/errors.ts';
import { Fetcher } from '../../kafka/fetcher.ts';
import type { KafkaClient } from '../../kafka/kafka-client.ts';
import type { NewTopic } from '../../kafka/types.ts';
import { eachRecord } from '../restore/raw-records.ts';
import { formatRecord, parseRecord, type TopologyRecord } from './topology-shape.ts';

/** The compacted topic with one record that says what ran last. */
export const topologyTopicOf = (applicationId: string): string => `${applicationId}-topology`;

const KEY = Buffer.from('topology');
const POLL_WAIT_MS = 250;

/** Where the shape of an application's topology is kept. */
export class TopologyLog {
  readonly topic: string;
  readonly #client: KafkaClient;
  readonly #replicationFactor: number;

  constructor(
    client: KafkaClient,
    { applicationId, replicationFactor }: { readonly applicationId: string; readonly replicationFactor: number },
  ) {
    this.#client = client;
    this.#replicationFactor = replicationFactor;
    this.topic = topologyTopicOf(applicationId);
  }

  /** The last record; undefined: there is none. Rejects with `BrokerError`, and as `parseRecord` throws. */
  async read(): Promise<TopologyRecord | undefined> {
    if ((await this.#client.partitionsOf([this.topic])).size === 0) return undefined;
    const partitions = [{ topic: this.topic, partition: 0 }];
    const [starts, ends] = await Promise.all([
      this.#client.listOffsets(partitions, 'earliest'),
      this.#client.listOffsets(partitions, 'latest'),
    ]);
    const end = ends[0]?.offset ?? 0;
    if ((starts[0]?.offset ?? 0) >= end) return undefined;
    const fetcher = new Fetcher(this.#client, { onOutOfRange: 'earliest' });
    try {
      fetcher.add(starts);
      return await this.#last(fetcher, end);
    } finally {
      await fetcher.close();
    }
  }

  /** Makes the topic if it is missing, and resolves when the record is in Kafka. */
  async write(record: TopologyRecord): Promise<void> {
    const topic: NewTopic = {
      topic: this.topic,
      partitions: 1,
      replicationFactor: this.#replicationFactor,
      configs: { 'cleanup.policy': 'compact' },
    };
    if ((await this.#client.partitionsOf([this.topic])).size === 0) await this.#client.createTopics([topic]);
    const producer = new BatchProducer(this.#client, { lingerMs: 0 });
    const value = Buffer.from(formatRecord(record));
    try {
      await producer.appendForResult(this.topic, 0, Date.now(), KEY, value).baseOffset;
    } finally {
      await producer.close();
    }
  }

  async #last(fetcher: Fetcher, end: number): Promise<TopologyRecord | undefined> {
    const { signal } = this.#client.cluster;
    let text: string | undefined;
    for (let position = 0; position < end;) {
      if (signal.aborted) throw clientClosedError();
      await fetcher.waitForData(POLL_WAIT_MS, signal);
      for (const fetched of fetcher.poll()) {
        await eachRecord(fetched, {
          sliceMs: 10,
          take: (_key, value) => {
            text = value === null ? undefined : Buffer.from(value).toString();
          },
          signal,
        });
      }
      position = fetcher.position({ topic: this.topic, partition: 0 })?.offset ?? end;
    }
    return text === undefined ? undefined : parseRecord(text, this.topic);
  }
}
