import { accountKey } from '@playhead/event-schemas';
import type { AccountRef, LogPosition } from '@playhead/event-schemas';
import { partitionOfKey } from '@playhead/stream-core/client';
import type { KafkaClient } from '@playhead/stream-core/client';

/** The part of `KafkaClient` that is asked. */
export type OffsetSource = Pick<KafkaClient, 'partitionsOf' | 'listOffsets'>;

/** Questions at once; while Kafka is away each waits for as long as the client tries again. */
const MAX_OPEN = 64;

/** Finds the newest record of an account's partition in a topic. */
export class NewestPosition {
  readonly #client: OffsetSource;
  readonly #topic: string;
  #partitions: number | undefined;
  #open = 0;

  constructor(client: OffsetSource, topic: string) {
    this.#client = client;
    this.#topic = topic;
  }

  /** Offset −1: the partition has none yet. Rejects with `BrokerError`, and with `RangeError` when there is no such topic, its end is not told or 64 others wait for an answer. */
  async of(account: AccountRef): Promise<LogPosition> {
    if (this.#open >= MAX_OPEN) throw new RangeError(`${MAX_OPEN} wait for the end of ${this.#topic} already`);
    this.#open++;
    try {
      return await this.#find(account);
    } finally {
      this.#open--;
    }
  }

  async #find({ tenant, account }: AccountRef): Promise<LogPosition> {
    const partition = partitionOfKey(Buffer.from(accountKey(tenant, account)), await this.#partitionCount());
    const [end] = await this.#client.listOffsets([{ topic: this.#topic, partition }], 'latest');
    if (end === undefined || end.offset < 0) throw new RangeError(`the end of ${this.#topic}-${partition} is not told`);
    return { topic: this.#topic, partition, offset: end.offset - 1 };
  }

  /** Where an account's records lie depends on it, so it does not change while services run. */
  async #partitionCount(): Promise<number> {
    this.#partitions ??= (await this.#client.partitionsOf([this.#topic])).get(this.#topic);
    if (this.#partitions === undefined) throw new RangeError(`there is no topic ${this.#topic}`);
    return this.#partitions;
  }
}
