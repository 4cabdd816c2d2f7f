import type { RawClient } from '@playhead/embedded-kafka/testing';
import { createTopic, readToEnd } from '../one-partition.ts';
import { checkSequence } from './findings.ts';
import { IdempotentProducer } from './idempotent-producer.ts';
import type { Load, LoadContext } from './load.ts';

/** The topic that the consumer group reads as well. */
export const ORDERED_TOPIC = 'ordered';
export const ORDERED_PARTITIONS = 3;

const MAX_BATCHES = 4;
const MAX_RECORDS_A_BATCH = 5;

/** An idempotent producer for each partition, which counts upwards. */
export class OrderedLoad implements Load {
  readonly name = 'idempotent producers';
  readonly #context: LoadContext;
  readonly #acknowledged: number[] = Array.from({ length: ORDERED_PARTITIONS }, () => 0);

  private constructor(context: LoadContext) {
    this.#context = context;
  }

  static async prepare(context: LoadContext, client: RawClient): Promise<OrderedLoad> {
    await createTopic(client, ORDERED_TOPIC, ORDERED_PARTITIONS);
    return new OrderedLoad(context);
  }

  async run(): Promise<void> {
    await Promise.all(this.#acknowledged.map((_, partition) => this.#produce(partition)));
  }

  async check(client: RawClient): Promise<void> {
    for (const [partition, acknowledged] of this.#acknowledged.entries()) {
      const records = await readToEnd(client, { topic: ORDERED_TOPIC, partition });
      const numbers = records.map(({ value }) => Number(value));
      checkSequence(this.#context.findings, `${ORDERED_TOPIC}-${partition}`, numbers, acknowledged);
    }
  }

  describe(): string {
    return `${this.#acknowledged.reduce((sum, count) => sum + count, 0)} records`;
  }

  async #produce(partition: number): Promise<void> {
    const { stopping, random } = this.#context;
    const producer = new IdempotentProducer({ topic: ORDERED_TOPIC, partition }, this.#context);
    let next = 0;
    while (!stopping.aborted) {
      const batches = Array.from({ length: 1 + random.below(MAX_BATCHES) }, () =>
        Array.from({ length: 1 + random.below(MAX_RECORDS_A_BATCH) }, () => ({ key: null, value: `${next++}` })),
      );
      await producer.send(batches);
      this.#acknowledged[partition] = next;
    }
    await producer.close();
  }
}
