import { TopologyError } from '../errors.ts';
import type { ProcessorContext } from '../processor/processor-context.ts';
import type { Processor } from '../processor/processor.ts';
import { NO_HEADERS } from '../processor/headers.ts';
import type { RecordContext } from '../processor/record-context.ts';
import type { TopicPartition } from '../kafka/types.ts';
import type { Codec } from '../serde/serde.ts';
import type { StateStore } from '../state/state-store.ts';
import type { TopologyCodecs } from '../topology/topology-codecs.ts';
import type { GlobalStoreWriter } from '../topology/topology-plan.ts';

/** What the processor of a global store works with. */
export interface GlobalProcessorOptions {
  readonly applicationId: string;
  readonly topic: string;
  readonly writer: GlobalStoreWriter;
  readonly codecs: TopologyCodecs;
  /** The global stores. */
  readonly stores: ReadonlyMap<string, StateStore>;
  readonly record: RecordContext;
  /** The wall clock. */
  readonly now: () => number;
}

/** Fills a global store through a processor of the user's own, outside any task. */
export class GlobalProcessor {
  readonly #processor: Processor<unknown, unknown, never, never>;
  readonly #record: RecordContext;
  readonly #key: Codec<unknown>;
  readonly #value: Codec<unknown>;

  constructor(options: GlobalProcessorOptions) {
    const { topic, writer, codecs, record } = options;
    this.#record = record;
    this.#key = codecs.open(writer.key, topic, 'key');
    this.#value = codecs.open(writer.value, topic, 'value');
    this.#processor = writer.supplier();
    this.#processor.init?.(contextOf(options));
  }

  /** Throws what the serdes or the processor throw. */
  process(
    { topic, partition }: TopicPartition,
    keyBytes: Uint8Array | null,
    valueBytes: Uint8Array | null,
    timestamp: number,
    offset: number,
  ): void {
    const key = keyBytes === null ? null : this.#key.deserialize(keyBytes);
    const value = valueBytes === null ? null : this.#value.deserialize(valueBytes);
    this.#record.set(topic, partition, offset, timestamp, NO_HEADERS);
    this.#processor.process({ key, value, timestamp, headers: NO_HEADERS });
  }

  close(): void {
    this.#processor.close?.();
  }
}

function contextOf({
  applicationId,
  writer,
  stores,
  record,
  now,
}: GlobalProcessorOptions): ProcessorContext<never, never> {
  const refuse = (what: string): never => {
    throw new TopologyError(`${writer.name} fills a global store, outside any task: it cannot ${what}`);
  };
  return {
    applicationId,
    taskId: 'global',
    partition: -1,
    get recordMetadata() {
      return record.metadata;
    },
    forward: () => refuse('forward'),
    schedule: () => refuse('schedule'),
    getStateStore: <S extends StateStore>(name: string): S => {
      const store = stores.get(name);
      if (store === undefined) return refuse(`have store ${name}, which is none of the global ones`);
      return store as S;
    },
    requestCommit: () => {},
    currentStreamTimeMs: () => -1,
    currentSystemTimeMs: now,
  };
}
