import { deepFreeze } from '../internal/deep-freeze.ts';
import type { Codec } from '../serde/serde.ts';
import type { OuterJoinStore, UnmatchedRecords } from './outer-join-store.ts';
import { UnmatchedKeys } from './outer-join-forms.ts';
import type { SidedValues } from './outer-join-forms.ts';
import { refuseNotOpen } from './refuse-not-open.ts';
import type { ChangelogWriter, StoreContext } from './state-store.ts';
import { StoreKeys } from './store-keys.ts';

/** What a shared store of an outer join is made of. */
export interface InMemoryOuterJoinStoreOptions<K> {
  readonly name: string;
  readonly key: Codec<K>;
  readonly value: Codec<SidedValues>;
}

class Unmatched<K> implements UnmatchedRecords<K, unknown> {
  readonly key: K;
  readonly order: string;
  readonly timestamp: number;
  readonly isLeft: boolean;
  readonly values: unknown[] = [];

  constructor(key: K, order: string, timestamp: number, isLeft: boolean) {
    this.key = key;
    this.order = order;
    this.timestamp = timestamp;
    this.isLeft = isLeft;
  }
}

/** Deleted entries are left in place until there are this many of them and they are the greater part. */
const MIN_SWEEP = 32;

/** The entries in one array in their order: new ones belong near its end, so an insertion moves little. */
export class InMemoryOuterJoinStore<K> implements OuterJoinStore<K, unknown> {
  readonly name: string;
  readonly kind = 'internal';
  readonly persistent = false;
  readonly #keys: StoreKeys<K>;
  readonly #keyForms: UnmatchedKeys<K>;
  readonly #valueCodec: Codec<SidedValues>;
  #entries: Unmatched<K>[] = [];
  #deleted = 0;
  #context: StoreContext | undefined;

  constructor({ name, key, value }: InMemoryOuterJoinStoreOptions<K>) {
    this.name = name;
    this.#keys = new StoreKeys(key);
    this.#keyForms = new UnmatchedKeys(key);
    this.#valueCodec = value;
  }

  get approximateEntries(): number {
    return this.#entries.length - this.#deleted;
  }

  init(context: StoreContext): void {
    this.#context = context;
  }

  add(key: K, value: unknown, timestamp: number, isLeft: boolean): void {
    if (this.#requireContext().freezeValues) deepFreeze(value);
    const entry = this.#entryFor(key, timestamp, isLeft);
    entry.values.push(value);
    // Optional calls do not evaluate their arguments where there is no changelog.
    this.#changelog?.log(this.#keyForms.write(key, timestamp, isLeft), this.#valueCodec.serialize(entry), timestamp);
  }

  remove(key: K, timestamp: number, isLeft: boolean, recordTimestamp: number): void {
    const order = this.#keys.order(key);
    const entry = this.#entries[this.#placeOf(order, timestamp, isLeft)];
    if (entry === undefined || entry.values.length === 0 || !isAt(entry, order, timestamp, isLeft)) return;
    this.#clear(entry);
    this.#changelog?.log(this.#keyForms.write(key, timestamp, isLeft), null, recordTimestamp);
  }

  entries(): readonly Unmatched<K>[] {
    return this.#entries;
  }

  restore(keyBytes: Uint8Array, valueBytes: Uint8Array | null): void {
    const { key, timestamp, isLeft } = this.#keyForms.deserialize(keyBytes);
    const entry = this.#entryFor(key, timestamp, isLeft);
    entry.values.length = 0;
    if (valueBytes === null) {
      this.#clear(entry);
      return;
    }
    for (const value of this.#valueCodec.deserialize(valueBytes).values) entry.values.push(value);
  }

  flush(): void {}

  close(): void {
    this.#entries = [];
    this.#deleted = 0;
  }

  get #changelog(): ChangelogWriter | undefined {
    return this.#requireContext().changelog;
  }

  #entryFor(key: K, timestamp: number, isLeft: boolean): Unmatched<K> {
    const order = this.#keys.order(key);
    const at = this.#placeOf(order, timestamp, isLeft);
    const present = this.#entries[at];
    if (present !== undefined && isAt(present, order, timestamp, isLeft)) {
      if (present.values.length === 0) this.#deleted--;
      return present;
    }
    const entry = new Unmatched(key, order, timestamp, isLeft);
    if (at === this.#entries.length) this.#entries.push(entry);
    else this.#entries.splice(at, 0, entry);
    return entry;
  }

  /** Index of the entry, or of where it belongs. */
  #placeOf(order: string, timestamp: number, isLeft: boolean): number {
    const entries = this.#entries;
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(entries[middle] as Unmatched<K>, order, timestamp, isLeft)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #clear(entry: Unmatched<K>): void {
    entry.values.length = 0;
    this.#deleted++;
    if (this.#deleted < MIN_SWEEP || this.#deleted * 2 < this.#entries.length) return;
    this.#entries = this.#entries.filter(({ values }) => values.length > 0);
    this.#deleted = 0;
  }

  #requireContext(): StoreContext {
    if (this.#context === undefined) refuseNotOpen(this.name);
    return this.#context;
  }
}

function isAt(entry: Unmatched<unknown>, order: string, timestamp: number, isLeft: boolean): boolean {
  return entry.timestamp === timestamp && entry.isLeft === isLeft && entry.order === order;
}

function isBefore(entry: Unmatched<unknown>, order: string, timestamp: number, isLeft: boolean): boolean {
  if (entry.timestamp !== timestamp) return entry.timestamp < timestamp;
  if (entry.isLeft !== isLeft) return isLeft;
  return entry.order < order;
}
