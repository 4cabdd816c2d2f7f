import { deepFreeze } from '../internal/deep-freeze.ts';
import type { RecordContext } from '../processor/record-context.ts';
import { originOf, withOrigin } from '../processor/record-origin.ts';
import { encode } from '../serde/serde.ts';
import type { StoreCodecs } from './store-builder.ts';
import type { StateStore, StoreContext, StoreKind } from './state-store.ts';
import { StoreKeys } from './store-keys.ts';
import type { CacheBudget, CacheEntry } from './write-back-cache.ts';
import { WriteBackCache, cachedBytes } from './write-back-cache.ts';

/** Takes a change when the cache above its store is flushed. */
export type FlushListener = (key: unknown, newValue: unknown, oldValue: unknown, timestamp: number) => void;

/** What a caching store is made of besides the store below. */
export interface CachingOptions {
  readonly budget: CacheBudget;
  readonly codecs: StoreCodecs;
  readonly record: RecordContext;
  readonly mutates: boolean;
}

/**
 * The common part of the caching stores: writes stay here and are read from here, until a commit or want of room writes the last one of each key to the store below, its changelog and, through
 * the listener, downstream. A key that comes and goes between two flushes leaves no trace.
 */
export abstract class CachingStore<E extends CacheEntry, S extends StateStore> {
  readonly name: string;
  readonly persistent: boolean;
  protected readonly inner: S;
  protected readonly keys: StoreKeys<unknown>;
  protected readonly cache: WriteBackCache<E>;
  readonly #options: CachingOptions;
  #listener: FlushListener | undefined;
  #sendOldValues = false;
  #freezes = false;

  constructor(inner: S, options: CachingOptions) {
    this.inner = inner;
    this.name = inner.name;
    this.persistent = inner.persistent;
    this.keys = new StoreKeys(options.codecs.key);
    this.#options = options;
    this.cache = new WriteBackCache<E>(options.budget, {
      flush: () => this.#writeBack(),
      forget: (entry) => this.forget(entry),
    });
  }

  abstract readonly kind: StoreKind;

  /** Cached ones may be counted twice: once here, once below. */
  get approximateEntries(): number {
    return this.inner.approximateEntries + (this.cache.hasDirty ? this.cache.size : 0);
  }

  init(context: StoreContext): void {
    this.#freezes = context.freezeValues && !this.#options.mutates;
    this.inner.init(context);
  }

  /** The node that writes this store forwards through it from now on; of several nodes the last one does. */
  forwardOnFlush(listener: FlushListener, sendOldValues: boolean): void {
    this.#listener = listener;
    this.#sendOldValues = sendOldValues;
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    // What a former life of the task as the active one has left here.
    if (this.cache.size > 0) this.cache.clear();
    this.inner.restore(key, value, timestamp);
  }

  flush(): void {
    this.#writeBack();
    this.inner.flush();
  }

  close(): void {
    this.cache.clear();
    this.inner.close();
  }

  /** Removes an entry from the store's own index. */
  protected abstract forget(entry: E): void;
  /** The entry's value in the store below, or null. */
  protected abstract innerValue(entry: E): unknown;
  protected abstract valueOf(entry: E): unknown;
  protected abstract writeInner(entry: E): void;
  protected abstract forwardEntry(entry: E, oldValue: unknown, listener: FlushListener): void;

  /** Marks an entry as written by the record in progress. */
  protected touch(entry: E, key: unknown, value: unknown, timestamp: number): void {
    if (this.#freezes) deepFreeze(value);
    const { codecs, record } = this.#options;
    entry.origin = originOf(record, timestamp);
    const valueLength = value === null ? 0 : encode(codecs.value, value).length;
    this.cache.written(entry, cachedBytes(encode(codecs.key, key).length, valueLength, entry.origin));
  }

  protected get recordTimestamp(): number {
    return this.#options.record.timestamp;
  }

  #writeBack(): void {
    for (const entry of this.cache.takeDirty()) {
      const value = this.valueOf(entry);
      const isDelete = value === null;
      const listener = this.#listener;
      const oldValue = isDelete || this.#sendOldValues ? this.innerValue(entry) : null;
      // What came and went since the last flush is known nowhere else.
      if (listener === undefined || !isDelete || oldValue !== null) {
        withOrigin(this.#options.record, entry.origin, () => {
          this.writeInner(entry);
          if (listener !== undefined) this.forwardEntry(entry, this.#sendOldValues ? oldValue : null, listener);
        });
      }
      if (isDelete) this.cache.remove(entry);
    }
  }
}

/** True: the store caches, and gives changes to the listener when it flushes, so the node must not forward them itself. */
export function forwardsOnFlush(store: StateStore, sendOldValues: boolean, listener: FlushListener): boolean {
  if (!(store instanceof CachingStore)) return false;
  store.forwardOnFlush(listener, sendOldValues);
  return true;
}
