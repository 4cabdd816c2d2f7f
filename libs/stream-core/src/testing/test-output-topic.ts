import type { Headers } from '../processor/headers.ts';
import type { Codec } from '../serde/serde.ts';
import type { ProducedRecord } from './driver-log.ts';

/** A record read from a topic of the driver. */
export interface TestRecord<K, V> {
  readonly key: K | null;
  readonly value: V | null;
  readonly timestamp: number;
  readonly headers: Headers;
  readonly partition: number;
}

/** Reads typed records from a topic of the driver, each once, in the order they were written. */
export class TestOutputTopic<K, V> {
  readonly name: string;
  readonly #key: Codec<K>;
  readonly #value: Codec<V>;
  readonly #log: readonly ProducedRecord[];
  #next = 0;

  constructor(name: string, codecs: { key: Codec<K>; value: Codec<V> }, log: readonly ProducedRecord[]) {
    this.name = name;
    this.#key = codecs.key;
    this.#value = codecs.value;
    this.#log = log;
  }

  get isEmpty(): boolean {
    return this.#peek() === undefined;
  }

  /** The next record. Throws `RangeError` when there is none. */
  readRecord(): TestRecord<K, V> {
    const record = this.#peek();
    if (record === undefined) throw new RangeError(`topic ${this.name} has no record left`);
    this.#next++;
    const { key, value, timestamp, headers, partition } = record;
    return {
      key: key === null ? null : this.#key.deserialize(key),
      value: value === null ? null : this.#value.deserialize(value),
      timestamp,
      headers,
      partition,
    };
  }

  readValue(): V | null {
    return this.readRecord().value;
  }

  /** All records left. */
  readRecords(): TestRecord<K, V>[] {
    const records: TestRecord<K, V>[] = [];
    while (!this.isEmpty) records.push(this.readRecord());
    return records;
  }

  readValuesToList(): (V | null)[] {
    return this.readRecords().map(({ value }) => value);
  }

  /** All records left, as [key, value]. */
  readKeyValuesToList(): [K | null, V | null][] {
    return this.readRecords().map(({ key, value }) => [key, value]);
  }

  #peek(): ProducedRecord | undefined {
    while (this.#next < this.#log.length) {
      const record = this.#log[this.#next] as ProducedRecord;
      if (record.topic === this.name) return record;
      this.#next++;
    }
    return undefined;
  }
}
