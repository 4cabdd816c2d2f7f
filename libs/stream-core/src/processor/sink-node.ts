import { TopologyError } from '../errors.ts';
import type { Codec, Serde } from '../serde/serde.ts';
import { encode, PendingCodecError } from '../serde/serde.ts';
import { OutputSerdeError } from './output-serde-error.ts';
import { partitionForKey } from './partitioner.ts';
import { ProcessorNode } from './processor-node.ts';
import type { TaskContext } from './task-context.ts';

/** Names the topic of a record. */
export type TopicNameExtractor<K, V> = (value: V, key: K) => string;

/** How a sink writes. */
export interface SinkNodeOptions {
  readonly topic: string | TopicNameExtractor<unknown, unknown>;
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
  readonly partitionKey?: ((key: unknown) => string) | undefined;
  /** Of values that know their partition. */
  readonly partitionOf?: ((value: unknown) => number) | undefined;
}

interface SinkTopic {
  readonly name: string;
  readonly keyCodec: Codec<unknown>;
  readonly valueCodec: Codec<unknown>;
  readonly partitionCount: number;
}

/** Writes records to a topic: partitioned by the hash of the key's bytes (windowed keys: of their inner key), keys that are null in turn. */
export class SinkNode extends ProcessorNode {
  readonly #options: SinkNodeOptions;
  readonly #topics = new Map<string, SinkTopic>();
  #fixed: SinkTopic | undefined;
  #turn = 0;

  constructor(options: SinkNodeOptions) {
    super();
    this.#options = options;
  }

  override init(context: TaskContext): void {
    super.init(context);
    // Opened here already, so that the codecs are ready before the first record.
    const { topic, key, value } = this.#options;
    if (typeof topic === 'string') {
      const name = context.topicName(topic);
      context.codec(key, name, 'key');
      context.codec(value, name, 'value');
    }
  }

  override process(key: unknown, value: unknown, timestamp: number): void {
    const topic = this.#fixed ?? this.#topicOf(value, key);
    let part: 'key' | 'value' = 'key';
    let keyBytes: Uint8Array | null = null;
    let valueBytes: Uint8Array | null = null;
    try {
      if (key !== null) keyBytes = encode(topic.keyCodec, key);
      part = 'value';
      if (value !== null) valueBytes = encode(topic.valueCodec, value);
    } catch (error) {
      throw error instanceof PendingCodecError ? error : new OutputSerdeError(topic.name, part, error);
    }
    const { collector, record } = this.context;
    collector.send(
      topic.name,
      this.#partitionOf(topic, key, keyBytes, value),
      timestamp,
      keyBytes,
      valueBytes,
      record.headers,
    );
  }

  #partitionOf(topic: SinkTopic, key: unknown, keyBytes: Uint8Array | null, value: unknown): number {
    if (topic.partitionCount === 1) return 0;
    const { partitionKey, partitionOf } = this.#options;
    if (partitionOf !== undefined) return partitionOf(value);
    if (keyBytes === null) return this.#turn++ % topic.partitionCount;
    if (partitionKey !== undefined) return partitionForKey(Buffer.from(partitionKey(key)), topic.partitionCount);
    return partitionForKey(keyBytes, topic.partitionCount, topic.keyCodec.partitionBytes?.(keyBytes));
  }

  #topicOf(value: unknown, key: unknown): SinkTopic {
    const { topic } = this.#options;
    if (typeof topic === 'string') return (this.#fixed = this.#open(this.context.topicName(topic)));
    const name = topic(value, key);
    return this.#topics.get(name) ?? this.#open(name);
  }

  #open(name: string): SinkTopic {
    const { key, value } = this.#options;
    const partitionCount = this.context.collector.partitionCount(name);
    if (partitionCount < 1) {
      throw new TopologyError(`topic ${name} has ${partitionCount} partitions`, {
        context: { topic: name, node: this.name },
      });
    }
    const opened: SinkTopic = {
      name,
      keyCodec: this.context.codec(key, name, 'key'),
      valueCodec: this.context.codec(value, name, 'value'),
      partitionCount,
    };
    this.#topics.set(name, opened);
    return opened;
  }
}
