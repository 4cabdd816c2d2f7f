import { deepFreeze } from '../../../internal/deep-freeze.ts';
import { encode, type Codec } from '../../../serde/serde.ts';
import type { KeyRange, KeyValueEntry, ValueAndTimestamp } from '../../../state/key-value-store.ts';
import { refuseNotOpen } from '../../../state/refuse-not-open.ts';
import type { StoreContext } from '../../../state/state-store.ts';
import { StoreKeys } from '../../../state/store-keys.ts';
import type { PutOutcome, VersionedKeyValueStore } from '../../../state/versioned-key-value-store.ts';
import type { LmdbEnvironment } from './lmdb-environment.ts';
import type { LmdbStoreOptions } from './lmdb-key-value-store.ts';
import type { LmdbPart } from './lmdb-part.ts';
import { Overlay } from './overlay.ts';
import { PastVersions } from './past-versions.ts';
import { StoreParts } from './store-parts.ts';

const NO_PREFIX = Buffer.alloc(0);

/** What a versioned store on disk is made of. */
export interface LmdbVersionedStoreOptions<K, V> extends LmdbStoreOptions<K, V> {
  readonly historyMs: number;
}

/** The latest values as a key-value store has them, key → timestamp(8) ‖ value; what was before, and deletes, in tables that are emptied whole when their time has left the history. */
export class LmdbVersionedKeyValueStore<K, V> implements VersionedKeyValueStore<K, V>, LmdbPart {
  readonly name: string;
  readonly kind = 'key-value';
  readonly persistent = true;
  readonly historyMs: number;
  foundTimestamp = -1;
  readonly #keys: StoreKeys<K>;
  readonly #valueCodec: Codec<V>;
  readonly #mutates: boolean;
  readonly #parts: StoreParts;
  readonly #latest: Overlay<K, V>;
  readonly #past: PastVersions<K, V>;
  #context: StoreContext | undefined;
  #isOpen = false;
  #observedMs = -1;

  constructor({ name, key, value, mutates, cache, historyMs }: LmdbVersionedStoreOptions<K, V>) {
    this.name = name;
    this.historyMs = historyMs;
    this.#keys = new StoreKeys(key);
    this.#valueCodec = value;
    this.#mutates = mutates;
    this.#parts = new StoreParts(name, key, value);
    const context = this.#parts.overlayContext(this.#keys, value, cache);
    this.#latest = new Overlay(context, NO_PREFIX, undefined);
    this.#past = new PastVersions(`${name}/past`, historyMs, context);
  }

  /** Of keys that have a value. Looks up what is not committed. */
  get approximateEntries(): number {
    return (this.#latest.table?.size ?? 0) + this.#latest.addedEntries;
  }

  get uncommittedBytes(): number {
    return this.#parts.changes.bytes;
  }

  init(context: StoreContext): void {
    this.#context = context;
  }

  get(key: K): V | null {
    return this.getAsOf(key, Infinity);
  }

  getAsOf(key: K, timestamp: number): V | null {
    const latest = this.#latest.find(key);
    if (latest !== undefined && latest.value !== null && latest.timestamp <= timestamp) {
      this.foundTimestamp = latest.timestamp;
      return latest.value;
    }
    // What is deleted has no latest value, and what it was before is asked for by its time.
    if (timestamp === Infinity || timestamp < this.#observedMs - this.historyMs) return null;
    const version = this.#past.at(key, timestamp, this.#observedMs);
    if (version === undefined || version.value === null) return null;
    this.foundTimestamp = version.timestamp;
    return version.value;
  }

  getWithTimestamp(key: K): ValueAndTimestamp<V> | null {
    const value = this.get(key);
    return value === null ? null : { value, timestamp: this.foundTimestamp };
  }

  put(key: K, value: V | null, timestamp: number = this.#requireContext().record.timestamp): void {
    this.putVersion(key, value, timestamp);
  }

  putVersion(key: K, value: V | null, timestamp: number): PutOutcome {
    const context = this.#requireContext();
    if (context.freezeValues && !this.#mutates) deepFreeze(value);
    // Copied, as earlier versions and the key are written meanwhile.
    const bytes = value === null ? null : Buffer.from(encode(this.#valueCodec, value));
    const keyBytes = Buffer.from(encode(this.#keys.codec, key));
    const outcome = this.#file(key, value, timestamp, keyBytes, bytes);
    if (outcome === 'expired') context.countDropped('expired-version');
    context.changelog?.log(keyBytes, bytes, timestamp);
    return outcome;
  }

  delete(key: K): V | null {
    const value = this.get(key);
    this.put(key, null);
    return value;
  }

  range({ from, to, reverse = false }: KeyRange<K>): IterableIterator<KeyValueEntry<K, V>> {
    const bytes = (key: K | undefined): Buffer | undefined =>
      key === undefined ? undefined : Buffer.from(encode(this.#keys.codec, key));
    return this.#latest.range(bytes(from), bytes(to), reverse);
  }

  all(): IterableIterator<KeyValueEntry<K, V>> {
    return this.range({});
  }

  restore(keyBytes: Uint8Array, bytes: Uint8Array | null, timestamp: number): void {
    const value = bytes === null ? null : this.#valueCodec.deserialize(bytes);
    this.#file(this.#keys.codec.deserialize(keyBytes), value, timestamp, keyBytes, bytes);
  }

  flush(): void {}

  close(): void {}

  open(environment: LmdbEnvironment): Promise<void> {
    const meta = this.#parts.readMeta(environment);
    this.#latest.open(environment.table(this.name));
    this.#past.open(environment, meta?.ids);
    this.#observedMs = meta?.observedMs ?? -1;
    this.#isOpen = true;
    return this.#parts.load(meta);
  }

  seal(): void {
    this.#parts.seal({ observedMs: this.#observedMs, ids: this.#past.encode() });
  }

  write(environment: LmdbEnvironment): void {
    this.#parts.write(environment);
  }

  committed(): void {
    this.#parts.committed();
  }

  reset(): void {
    this.#isOpen = false;
    this.#observedMs = -1;
    this.#latest.clear();
    this.#latest.table = undefined;
    this.#past.reset();
    this.#parts.reset();
  }

  #file(key: K, value: V | null, timestamp: number, keyBytes: Uint8Array, bytes: Uint8Array | null): PutOutcome {
    if (timestamp < this.#observedMs - this.historyMs) return 'expired';
    if (timestamp > this.#observedMs) this.#observedMs = timestamp;
    const latest = this.#latest.find(key);
    const present = latest?.value ?? null;
    const presentMs = present === null ? this.#past.deletedMs(key, this.#observedMs) : (latest?.timestamp as number);
    if (timestamp < presentMs) {
      this.#past.insert({ key, value, timestamp, keyBytes, bytes }, presentMs, this.#observedMs);
      return 'superseded';
    }
    if (timestamp > presentMs && present !== null)
      this.#past.put(key, present, presentMs, keyBytes, encode(this.#valueCodec, present), timestamp);
    // A delete is of no time after it any more.
    else if (timestamp > presentMs && presentMs >= 0) this.#past.put(key, null, presentMs, keyBytes, null, timestamp);
    else if (present === null && value !== null) this.#past.remove(key, timestamp, keyBytes);
    if (value === null) this.#past.put(key, null, timestamp, keyBytes, null, timestamp);
    if (value !== null || present !== null) this.#latest.put('unknown', key, value, timestamp, keyBytes, bytes);
    return 'latest';
  }

  #requireContext(): StoreContext {
    if (this.#context === undefined || !this.#isOpen) refuseNotOpen(this.name);
    return this.#context;
  }
}
