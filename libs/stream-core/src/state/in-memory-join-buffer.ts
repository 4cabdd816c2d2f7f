import type { Codec, Serde } from '../serde/serde.ts';
import { encode } from '../serde/serde.ts';
import { readBufferKey, readBufferValue, writeBufferKey, writeBufferValue } from './join-buffer-forms.ts';
import type { BufferedRecord, JoinBuffer } from './join-buffer.ts';
import { refuseNotOpen } from './refuse-not-open.ts';
import { PRODUCERS_TIME } from './state-store.ts';
import type { StoreContext } from './state-store.ts';
import type { StoreBuilder } from './store-builder.ts';
import { StoreKeys } from './store-keys.ts';

interface Entry {
  readonly record: BufferedRecord<unknown, unknown>;
  readonly order: string;
  readonly sequence: number;
}

const MAX_SEQUENCE = 0x7fffffff;
/** Taken entries stay in front until there are this many of them and they are the greater part. */
const MIN_CUT = 32;

/** The records in one array in their order. */
class InMemoryJoinBuffer implements JoinBuffer<unknown, unknown> {
  readonly name: string;
  readonly kind = 'internal';
  readonly persistent = false;
  readonly #graceMs: number;
  readonly #keys: StoreKeys<unknown>;
  readonly #values: Codec<unknown>;
  #entries: Entry[] = [];
  #first = 0;
  #observedMs = -1;
  #sequence = 0;
  #context: StoreContext | undefined;

  constructor(name: string, graceMs: number, codecs: { readonly key: Codec<unknown>; readonly value: Codec<unknown> }) {
    this.name = name;
    this.#graceMs = graceMs;
    this.#keys = new StoreKeys(codecs.key);
    this.#values = codecs.value;
  }

  get approximateEntries(): number {
    return this.#entries.length - this.#first;
  }

  init(context: StoreContext): void {
    this.#context = context;
  }

  put(record: BufferedRecord<unknown, unknown>): boolean {
    const { key, value, timestamp } = record;
    const { changelog } = this.#requireContext();
    if (timestamp < this.#observedMs - this.#graceMs) return false;
    this.#sequence = (this.#sequence + 1) & MAX_SEQUENCE;
    this.#insert(record, this.#sequence);
    if (changelog !== undefined) {
      const bytes = writeBufferValue(record, encode(this.#values, value));
      changelog.log(writeBufferKey(encode(this.#keys.codec, key), timestamp, this.#sequence), bytes, PRODUCERS_TIME);
    }
    return true;
  }

  next(): BufferedRecord<unknown, unknown> | undefined {
    const record = this.#entries[this.#first]?.record;
    return record !== undefined && record.timestamp <= this.#observedMs - this.#graceMs ? record : undefined;
  }

  removeNext(): void {
    const entry = this.#entries[this.#first];
    if (entry === undefined) return;
    this.#first++;
    if (this.#first >= MIN_CUT && this.#first * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
    const { key, timestamp } = entry.record;
    this.#requireContext().changelog?.log(
      writeBufferKey(encode(this.#keys.codec, key), timestamp, entry.sequence),
      null,
      PRODUCERS_TIME,
    );
  }

  restore(keyBytes: Uint8Array, valueBytes: Uint8Array | null): void {
    const { key, timestamp, sequence } = readBufferKey(keyBytes);
    const order = key.toString('latin1');
    this.#sequence = Math.max(this.#sequence, sequence);
    const at = this.#placeOf(timestamp, order, sequence);
    const present = this.#entries[at];
    if (present?.order === order && present.record.timestamp === timestamp && present.sequence === sequence) {
      this.#entries.splice(at, 1);
    }
    if (valueBytes === null) return;
    const { origin, value } = readBufferValue(valueBytes);
    const record = {
      ...origin,
      timestamp,
      key: this.#keys.codec.deserialize(key),
      value: this.#values.deserialize(value),
    };
    this.#insert(record, sequence);
  }

  flush(): void {}

  close(): void {
    this.#entries = [];
    this.#first = 0;
    this.#observedMs = -1;
  }

  #insert(record: BufferedRecord<unknown, unknown>, sequence: number): void {
    const { key, timestamp } = record;
    if (timestamp > this.#observedMs) this.#observedMs = timestamp;
    const order = this.#keys.order(key);
    this.#entries.splice(this.#placeOf(timestamp, order, sequence), 0, { record, order, sequence });
  }

  /** Records come nearly in order, so the place is looked for from the end. */
  #placeOf(timestamp: number, order: string, sequence: number): number {
    let at = this.#entries.length;
    while (at > this.#first && !isBefore(this.#entries[at - 1] as Entry, timestamp, order, sequence)) at--;
    return at;
  }

  #requireContext(): StoreContext {
    if (this.#context === undefined) refuseNotOpen(this.name);
    return this.#context;
  }
}

function isBefore({ record, order, sequence }: Entry, timestamp: number, otherOrder: string, otherSequence: number) {
  if (record.timestamp !== timestamp) return record.timestamp < timestamp;
  if (order !== otherOrder) return order < otherOrder;
  return sequence < otherSequence;
}

/** The buffer of a stream-table join with grace. */
export function joinBuffer(
  name: string,
  graceMs: number,
  serdes: { readonly key: Serde<unknown>; readonly value: Serde<unknown> },
): StoreBuilder {
  return {
    name,
    kind: 'internal',
    keySerde: serdes.key,
    valueSerde: serdes.value,
    loggingEnabled: true,
    logConfig: { 'cleanup.policy': 'compact' },
    build: (codecs) => new InMemoryJoinBuffer(name, graceMs, codecs),
  };
}
