import type { Headers } from '../processor/headers.ts';
import { encode } from '../serde/serde.ts';
import type { Codec, SchemaSource } from '../serde/serde.ts';
import type { Topic } from '../topology/topic.ts';
import { BatchProducer } from './batch-producer.ts';
import type { BatchProducerOptions } from './batch-producer.ts';
import { BrokerError } from './errors.ts';
import type { KafkaClient } from './kafka-client.ts';
import { partitionForKey } from '../processor/partitioner.ts';
import { unknownTopic } from './topic-admin.ts';
import type { RecordMetadata } from './types.ts';

/** A typed record to send. */
export interface TypedRecord<K, V> {
  readonly topic: Topic<K, V>;
  readonly key: K | null;
  readonly value: V | null;
  /** Milliseconds since the epoch. Default: now. */
  readonly timestamp?: number;
  readonly headers?: Headers;
  /** Default: murmur2 of the topic's `partitionKey` or of the key's bytes; round robin without a key. */
  readonly partition?: number;
}

/** A record of bytes to send. */
export interface RawRecord {
  readonly topic: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp?: number;
  readonly headers?: Headers;
  readonly partition?: number;
}

/** How a `RecordProducer` sends. */
export interface RecordProducerOptions extends BatchProducerOptions {
  /** For serdes that write a schema id. */
  readonly schemas?: SchemaSource;
}

/** A topic of any types: enough to open its codecs and to choose a partition. */
export type AnyTopic = Pick<Topic<unknown, unknown>, 'name' | 'key' | 'value'> & {
  readonly partitionKey?: ((key: never) => string) | undefined;
};

/** A record without its topic. */
type Unaddressed = Omit<TypedRecord<unknown, unknown>, 'topic'>;

interface Destination {
  readonly name: string;
  /** 0 until the topic is loaded. */
  partitionCount: number;
  readonly key: Codec<unknown> | undefined;
  readonly value: Codec<unknown> | undefined;
  readonly partitionKey: ((key: never) => string) | undefined;
  nextPartition: number;
  /** Sends that came before the topic was loaded, in order; bounded by the load's duration. */
  readonly waiting: (() => void)[];
  readonly loaded: Promise<void>;
}

const DEFAULT_MAX_BUFFERED_BYTES = 32 * 1024 * 1024;
const encoder = new TextEncoder();

/** Sends records, for what is no topology. Idempotent, acks=all; records sent one after the other to a partition lie there in that order. */
export class RecordProducer {
  readonly #client: KafkaClient;
  readonly #producer: BatchProducer;
  readonly #schemas: SchemaSource | undefined;
  readonly #maxBufferedBytes: number;
  /** One entry per topic object or topic name that was sent to. */
  readonly #destinations = new Map<AnyTopic | string, Destination>();

  constructor(client: KafkaClient, options: RecordProducerOptions = {}) {
    this.#client = client;
    this.#schemas = options.schemas;
    this.#maxBufferedBytes = options.maxBufferedBytes ?? DEFAULT_MAX_BUFFERED_BYTES;
    this.#producer = new BatchProducer(client, { ...options, maxBufferedBytes: this.#maxBufferedBytes });
  }

  /** Loads partition counts and opens codecs of topics before the first `send`, so that it need not wait. Rejects with `BrokerError` for a topic that does not exist and with `SerdeError` where a codec cannot write. */
  async prepare(topics: readonly (AnyTopic | string)[]): Promise<void> {
    await Promise.all(topics.map((topic) => this.#destination(topic).loaded));
  }

  /**
   * Resolves when every in-sync replica has the record. Rejects with `SerdeError`; with `BrokerError` BUFFER_FULL when
   * more than `maxBufferedBytes` wait already; with another `BrokerError` when it could not be written in time, after
   * which it may nevertheless have been.
   */
  send<K, V>(record: TypedRecord<K, V> | RawRecord): Promise<RecordMetadata> {
    // Typed and raw records differ in what they hold, not in how they are sent.
    return this.#send(record.topic, [record]);
  }

  /**
   * Sends records of one topic in their order, and resolves with the place of the last when every in-sync replica has all of
   * them. It costs one promise, and a key that neighbours share is serialised once. Rejects like `send`, with the first error;
   * others may have been written then. Throws `RangeError` for no records.
   */
  sendAll<K, V>(topic: Topic<K, V>, records: readonly Omit<TypedRecord<K, V>, 'topic'>[]): Promise<RecordMetadata> {
    if (records.length === 0) throw new RangeError('no records to send');
    return this.#send(topic, records);
  }

  /** Sends what waits, for at most `timeoutMs`, then closes. Failures were reported by `send`; this never rejects. */
  async close(timeoutMs?: number): Promise<void> {
    this.#producer.clearError();
    await this.#producer.close(timeoutMs).catch(() => undefined);
  }

  #destination(topic: AnyTopic | string): Destination {
    const known = this.#destinations.get(topic);
    if (known !== undefined) return known;
    const name = typeof topic === 'string' ? topic : topic.name;
    const open = (part: 'key' | 'value'): Codec<unknown> | undefined =>
      typeof topic === 'string' ? undefined : topic[part].open({ topic: name, part, schemas: this.#schemas });
    const { promise: loaded, resolve, reject } = Promise.withResolvers<void>();
    const destination = {
      name,
      partitionCount: 0,
      key: open('key'),
      value: open('value'),
      partitionKey: typeof topic === 'string' ? undefined : topic.partitionKey,
      nextPartition: 0,
      waiting: [],
      loaded,
    };
    this.#destinations.set(topic, destination);
    this.#load(destination).then(resolve, (error: Error) => {
      // The next send tries again.
      this.#destinations.delete(topic);
      reject(error);
    });
    loaded.catch(() => undefined);
    return destination;
  }

  async #load(destination: Destination): Promise<void> {
    const { name, key, value, waiting } = destination;
    const [counts] = await Promise.all([this.#client.partitionsOf([name]), key?.ready, value?.ready]);
    const count = counts.get(name);
    if (count === undefined) throw unknownTopic(name);
    const writeError = key?.writeError ?? value?.writeError;
    if (writeError !== undefined) throw writeError;
    destination.partitionCount = count;
    for (const send of waiting.splice(0)) send();
  }

  #send(topic: AnyTopic | string, records: readonly Unaddressed[]): Promise<RecordMetadata> {
    const destination = this.#destination(topic);
    if (destination.partitionCount > 0) return this.#append(records, destination);
    return new Promise((resolve, reject) => {
      destination.waiting.push(() => void this.#append(records, destination).then(resolve, reject));
      destination.loaded.catch(reject);
    });
  }

  /** Appends all of them before it waits: what is sent in one turn must lie in the batch in that order. */
  async #append(records: readonly Unaddressed[], destination: Destination): Promise<RecordMetadata> {
    const { name: topic } = destination;
    const batches: Promise<number>[] = [];
    let before: Unaddressed | undefined;
    let key: Uint8Array | null = null;
    let partition = -1;
    let index = -1;
    for (const record of records) {
      if (this.#producer.bufferedBytes >= this.#maxBufferedBytes) throw this.#bufferFull();
      const isAlike = before !== undefined && record.key === before.key && record.partition === before.partition;
      if (!isAlike || record.key === null) {
        key = bytesOf(record.key, destination.key);
        partition = record.partition ?? choosePartition(record.key, key, destination);
      }
      const value = bytesOf(record.value, destination.value);
      const timestamp = record.timestamp ?? Date.now();
      const receipt = this.#producer.appendForResult(topic, partition, timestamp, key, value, record.headers);
      if (receipt.baseOffset !== batches.at(-1)) batches.push(receipt.baseOffset);
      ({ index } = receipt);
      before = record;
    }
    let base = -1;
    for (const baseOffset of batches) base = await baseOffset;
    return { topic, partition, offset: base < 0 ? -1 : base + index };
  }

  #bufferFull(): BrokerError {
    const message = `${this.#producer.bufferedBytes} bytes wait for Kafka, at most ${this.#maxBufferedBytes} may`;
    return new BrokerError(message, { reason: 'BUFFER_FULL', recovery: 'retry' });
  }
}

function bytesOf(part: unknown, codec: Codec<unknown> | undefined): Uint8Array | null {
  if (part === null) return null;
  // A record without a codec is a RawRecord, whose parts are bytes. Whatever they are, the batch copies them at once.
  return codec === undefined ? (part as Uint8Array) : encode(codec, part);
}

function choosePartition(key: unknown, bytes: Uint8Array | null, destination: Destination): number {
  const { partitionCount, partitionKey } = destination;
  if (bytes === null) {
    destination.nextPartition = (destination.nextPartition + 1) % partitionCount;
    return destination.nextPartition;
  }
  return partitionForKey(
    partitionKey === undefined ? bytes : encoder.encode(partitionKey(key as never)),
    partitionCount,
  );
}
