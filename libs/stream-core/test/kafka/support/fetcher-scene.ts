import { fetchApi } from '@playhead/kafka-protocol';
import type { RequestOf } from '@playhead/kafka-protocol';
import { Fetcher } from '../../../src/kafka/fetcher.ts';
import type { FetcherOptions } from '../../../src/kafka/fetcher.ts';
import { KafkaClient } from '../../../src/kafka/kafka-client.ts';
import { until } from './deadline.ts';
import { batchOf, valuesOf } from './record-sets.ts';
import { ScriptedBroker } from './scripted-broker.ts';

interface Part {
  errorCode: number;
  records: Buffer | null;
}

/** Fetchers on a scripted broker that has what the test stores; topic `t` has three partitions. */
export class FetcherScene {
  readonly broker: ScriptedBroker;
  readonly client: KafkaClient;
  readonly #fetchers: Fetcher[] = [];
  /** Batches of partitions of topic `t`, found by the offset they start at. */
  readonly #stored = new Map([0, 1, 2].map((partition) => [partition, new Map<number, Buffer>()]));

  private constructor(broker: ScriptedBroker) {
    this.broker = broker;
    this.client = new KafkaClient({ brokers: [broker.address], clientId: 'test' });
    broker.on(fetchApi, (request) => this.longPoll(request));
  }

  static async start(): Promise<FetcherScene> {
    const broker = await ScriptedBroker.start();
    broker.topics.set('t', 3);
    return new FetcherScene(broker);
  }

  store(partition: number, offset: number, values: string[]): void {
    this.#stored.get(partition)?.set(offset, batchOf(offset, values));
  }

  /** Answers as soon as there is something, like a broker; while there is nothing, for a few milliseconds. */
  async longPoll(request: RequestOf<typeof fetchApi>) {
    for (let i = 0; i < 10; i++) {
      const answered = answerWith(request, ({ partition, fetchOffset }) => ({
        errorCode: 0,
        records: this.#stored.get(partition)?.get(fetchOffset) ?? null,
      }));
      if (answered.responses.some(({ partitions }) => partitions.some(({ records }) => records !== null)))
        return answered;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return answerWith(request, () => ({ errorCode: 0, records: null }));
  }

  makeFetcher(options: FetcherOptions = {}): Fetcher {
    const fetcher = new Fetcher(this.client, { maxWaitMs: 50, ...options });
    this.#fetchers.push(fetcher);
    return fetcher;
  }

  async close(): Promise<void> {
    for (const fetcher of this.#fetchers) await fetcher.close();
    await this.client.close();
    await this.broker.close();
  }
}

/** The answer that has the given part for each partition asked for. */
export function answerWith(
  request: RequestOf<typeof fetchApi>,
  part: (asked: { partition: number; fetchOffset: number }) => Part,
) {
  return {
    errorCode: 0,
    responses: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((asked) => ({
        partitionIndex: asked.partition,
        highWatermark: 100,
        lastStableOffset: 90,
        logStartOffset: 0,
        ...part(asked),
      })),
    })),
  };
}

export const at = (partition: number, offset = 0) => ({ topic: 't', partition, offset });

/** Polls until `count` values of one partition have come. */
export async function read(fetcher: Fetcher, count: number): Promise<string[]> {
  const values: string[] = [];
  await until(`${count} values`, () => {
    for (const fetched of fetcher.poll()) values.push(...valuesOf(fetched));
    return values.length >= count;
  });
  return values;
}
