import type { Codec } from '../serde/serde.ts';
import type { ProducedRecord } from './paged-record.ts';
import type { TestRecord } from './test-record.ts';

/** Where an output topic reads. */
export interface OutputSource {
  readonly records: readonly ProducedRecord[];
  /** Called before a look at the records: what is on its way to the topic arrives. */
  arrive(): void;
}

/** Reads typed records from a topic of the driver, each once, in the order they were written. */
export class TestOutputTopic<K, V> {
  readonly name: string;
  readonly #key: Codec<K>;
  readonly #value: Codec<V>;
  readonly #source: OutputSource;
  #next = 0;

  constructor(name: string, codecs: { key: Codec<K>; value: Codec<V> }, source: OutputSource) {
    this.name = name;
    this.#key = codecs.key;
    this.#value = codecs.value;
    this.#source = source;
  }

  get isEmpty(): boolean {
    return this.#peek() === undefined;
  }

  /** Records left. */
  get queueSize(): number {
    this.#source.arrive();
    let size = 0;
    const { records } = this.#source;
    for (let at = this.#next; at < records.length; at++) if (records[at]?.topic === this.name) size++;
    return size;
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

  /** The next record as [key, value]. */
  readKeyValue(): [K | null, V | null] {
    const { key, value } = this.readRecord();
    return [key, value];
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

  /** The last value of each key among all records left, null for one that was deleted. Keys that are objects are told apart by identity. Throws `RangeError` for a record without a key. */
  readKeyValuesToMap(): Map<K, V | null> {
    const last = new Map<K, V | null>();
    for (const { key, value } of this.readRecords()) {
      if (key === null) throw new RangeError(`topic ${this.name} has a record without a key: it is no table`);
      last.set(key, value);
    }
    return last;
  }

  #peek(): ProducedRecord | undefined {
    this.#source.arrive();
    const { records } = this.#source;
    while (this.#next < records.length) {
      const record = records[this.#next] as ProducedRecord;
      if (record.topic === this.name) return record;
      this.#next++;
    }
    return undefined;
  }
}
