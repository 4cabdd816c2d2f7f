import { deepFreeze } from '../../../internal/deep-freeze.ts';
import { encode, type Codec } from '../../../serde/serde.ts';
import { refuseNotOpen } from '../../../state/refuse-not-open.ts';
import type { StoreContext } from '../../../state/state-store.ts';
import { StoreKeys } from '../../../state/store-keys.ts';
import { readWindowKey, WindowKeyWriter } from '../../../state/window-store-keys.ts';
import type { WindowEntry, WindowRange, WindowStore } from '../../../state/window-store.ts';
import type { LmdbEnvironment } from './lmdb-environment.ts';
import type { LmdbStoreOptions } from './lmdb-key-value-store.ts';
import type { LmdbPart } from './lmdb-part.ts';
import type { OverlayEntry, PresentEntry } from './overlay-entry.ts';
import type { ReadCache } from './read-cache.ts';
import { StoreParts } from './store-parts.ts';
import { StoredWindows } from './stored-windows.ts';

/** What a window store on disk is made of. */
export interface LmdbWindowStoreOptions<K, V> extends LmdbStoreOptions<K, V> {
  readonly windowSizeMs: number;
  readonly retentionMs: number;
  readonly cache: ReadCache;
}

/** Rows start(8) ‖ key → timestamp(8) ‖ value, in tables that are emptied whole when their windows have expired. */
export class LmdbWindowStore<K, V> implements WindowStore<K, V>, LmdbPart {
  readonly name: string;
  readonly kind = 'window';
  readonly persistent = true;
  readonly windowSizeMs: number;
  readonly retentionMs: number;
  foundTimestamp = -1;
  readonly #keys: StoreKeys<K>;
  readonly #valueCodec: Codec<V>;
  readonly #mutates: boolean;
  readonly #parts: StoreParts;
  readonly #windows: StoredWindows<K, V>;
  readonly #keyWriter = new WindowKeyWriter();
  #context: StoreContext | undefined;
  #isOpen = false;
  #lastKey: K | undefined;
  #lastStartMs = -1;
  #lastEntry: OverlayEntry<K, V> | undefined;

  constructor({ name, key, value, mutates, cache, windowSizeMs, retentionMs }: LmdbWindowStoreOptions<K, V>) {
    this.name = name;
    this.windowSizeMs = windowSizeMs;
    this.retentionMs = retentionMs;
    this.#keys = new StoreKeys(key);
    this.#valueCodec = value;
    this.#mutates = mutates;
    this.#parts = new StoreParts(name, key, value);
    const context = this.#parts.overlayContext(this.#keys, value, cache);
    this.#windows = new StoredWindows(name, retentionMs, context);
  }

  /** Expired ones included that their table still has. */
  get approximateEntries(): number {
    return this.#windows.storedRows;
  }

  get uncommittedBytes(): number {
    return this.#parts.changes.bytes;
  }

  init(context: StoreContext): void {
    this.#context = context;
  }

  fetch(key: K, windowStartMs: number): V | null {
    const entry = this.#windows.get(windowStartMs)?.find(key);
    this.#lastKey = key;
    this.#lastStartMs = windowStartMs;
    this.#lastEntry = entry;
    if (entry === undefined || entry.value === null) return null;
    this.foundTimestamp = entry.timestamp;
    return entry.value;
  }

  put(key: K, value: V | null, windowStartMs: number, timestamp: number): void {
    const context = this.#context;
    if (context === undefined || !this.#isOpen) refuseNotOpen(this.name);
    if (context.freezeValues && !this.#mutates) deepFreeze(value);
    const bytes = value === null ? null : encode(this.#valueCodec, value);
    const keyBytes = encode(this.#keys.codec, key);
    const isLast = key === this.#lastKey && windowStartMs === this.#lastStartMs;
    // What was found (or not) is true for one put only.
    this.#lastStartMs = -1;
    const window = this.#windows.toWrite(windowStartMs);
    if (window === undefined) context.countDropped('expired-window-record');
    else {
      window.put(isLast ? this.#lastEntry : 'unknown', key, value, timestamp, keyBytes, bytes);
      this.#windows.noteKey(key, windowStartMs, value === null);
    }
    context.changelog?.log(this.#keyWriter.write(keyBytes, windowStartMs, 0), bytes, timestamp);
  }

  *fetchRange(
    key: K,
    { fromMs = -Infinity, toMs = Infinity, reverse = false }: WindowRange,
  ): IterableIterator<WindowEntry<K, V>> {
    for (const windowStartMs of this.#windows.startsOf(key, fromMs, toMs, reverse)) {
      const entry = this.#windows.get(windowStartMs)?.find(key);
      if (entry !== undefined && entry.value !== null) yield toWindowEntry(entry as PresentEntry<K, V>, windowStartMs);
    }
  }

  *all({ fromMs = -Infinity, toMs = Infinity, reverse = false }: WindowRange = {}): IterableIterator<
    WindowEntry<K, V>
  > {
    for (const windowStartMs of this.#windows.starts(fromMs, toMs, reverse)) {
      for (const entry of this.#windows.get(windowStartMs)?.range(undefined, undefined, reverse) ?? [])
        yield toWindowEntry(entry, windowStartMs);
    }
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    const { key: keyBytes, startMs } = readWindowKey(key);
    this.#lastStartMs = -1;
    this.#windows.toWrite(startMs)?.restore(keyBytes, value, timestamp);
    this.#windows.forgetKeys();
  }

  flush(): void {}

  close(): void {
    this.#lastEntry = undefined;
    this.#lastStartMs = -1;
  }

  open(environment: LmdbEnvironment): Promise<void> {
    const meta = this.#parts.readMeta(environment);
    this.#windows.open(environment, meta);
    this.#isOpen = true;
    return this.#parts.load(meta);
  }

  seal(): void {
    this.#parts.seal(this.#windows.times());
  }

  write(environment: LmdbEnvironment): void {
    this.#parts.write(environment);
  }

  committed(): void {
    // An entry that was deleted is forgotten now.
    this.close();
    this.#parts.committed();
  }

  reset(): void {
    this.close();
    this.#isOpen = false;
    this.#windows.reset();
    this.#parts.reset();
  }
}

const toWindowEntry = <K, V>(
  { key, value, timestamp }: PresentEntry<K, V>,
  windowStartMs: number,
): WindowEntry<K, V> => ({
  key,
  windowStartMs,
  value,
  timestamp,
});
