import { deepFreeze } from '../../../internal/deep-freeze.ts';
import { encode, type Codec } from '../../../serde/serde.ts';
import type { JoinStore } from '../../../state/join-store.ts';
import { refuseNotOpen } from '../../../state/refuse-not-open.ts';
import type { StoreContext } from '../../../state/state-store.ts';
import { StoreKeys } from '../../../state/store-keys.ts';
import { readWindowKey, readWindowKeySequence, WindowKeyWriter } from '../../../state/window-store-keys.ts';
import type { LmdbEnvironment } from './lmdb-environment.ts';
import type { LmdbStoreOptions } from './lmdb-key-value-store.ts';
import type { LmdbPart } from './lmdb-part.ts';
import { StoreParts } from './store-parts.ts';
import { TimedOverlay } from './timed-overlay.ts';
import type { KeyRows } from './timed-rows.ts';

const MAX_SEQUENCE = 0x7fffffff;

/** What a join store on disk is made of. */
export interface LmdbJoinStoreOptions<K, V> extends LmdbStoreOptions<K, V> {
  readonly retentionMs: number;
}

/** Rows key ‖ timestamp(8) ‖ sequence(4) → mark(1) ‖ value, in tables that are emptied whole when their time has expired. A put reads nothing. */
export class LmdbJoinStore<K, V> implements JoinStore<K, V>, LmdbPart {
  readonly name: string;
  readonly kind = 'internal';
  readonly persistent = true;
  readonly retentionMs: number;
  readonly #keys: StoreKeys<K>;
  readonly #valueCodec: Codec<V>;
  readonly #parts: StoreParts;
  readonly #records: TimedOverlay<K, V>;
  readonly #keyWriter = new WindowKeyWriter();
  #context: StoreContext | undefined;
  #isOpen = false;
  #observedMs = -1;
  #sequence = 0;
  #found: KeyRows<K, V> | undefined;
  #foundFrom = 0;

  constructor({ name, key, value, cache, retentionMs }: LmdbJoinStoreOptions<K, V>) {
    this.name = name;
    this.retentionMs = retentionMs;
    this.#keys = new StoreKeys(key);
    this.#valueCodec = value;
    this.#parts = new StoreParts(name, key, value);
    const context = this.#parts.overlayContext(this.#keys, value, cache);
    this.#records = new TimedOverlay({ name, retentionMs, tieBytes: 4, context });
  }

  /** Expired ones included that their table still has. */
  get approximateEntries(): number {
    return this.#records.storedRows(this.#expiredMs);
  }

  get uncommittedBytes(): number {
    return this.#parts.changes.bytes;
  }

  init(context: StoreContext): void {
    this.#context = context;
  }

  put(key: K, value: V | null, timestamp: number): void {
    const context = this.#context;
    if (context === undefined || !this.#isOpen) refuseNotOpen(this.name);
    if (context.freezeValues) deepFreeze(value);
    this.#sequence = (this.#sequence + 1) & MAX_SEQUENCE;
    const bytes = value === null ? null : encode(this.#valueCodec, value);
    const keyBytes = encode(this.#keys.codec, key);
    if (!this.#observe(timestamp)) context.countDropped('expired-window-record');
    else if (bytes !== null) {
      const rows = this.#records.put(key, value, timestamp, this.#sequence, keyBytes, bytes);
      rows.dropUpTo(this.#expiredMs);
    }
    const logKey = this.#keyWriter.write(keyBytes, timestamp, this.#sequence);
    context.changelog?.log(logKey, bytes, timestamp, context.record.headers);
  }

  find(key: K, fromMs: number, toMs: number): number {
    const firstMs = Math.max(fromMs, this.#expiredMs + 1);
    const rows = this.#records.find(key, firstMs, this.#observedMs);
    this.#found = rows;
    if (rows === undefined) return 0;
    rows.dropUpTo(this.#expiredMs);
    this.#foundFrom = rows.firstAt(firstMs);
    return Math.max(0, rows.firstAt(toMs + 1) - this.#foundFrom);
  }

  foundTimestamp(index: number): number {
    return (this.#found as KeyRows<K, V>).rowAt(this.#foundFrom + index).timeMs;
  }

  foundValue(index: number): V {
    return this.#records.valueOf((this.#found as KeyRows<K, V>).rowAt(this.#foundFrom + index)) as V;
  }

  restore(bytes: Uint8Array, value: Uint8Array | null): void {
    const { key: keyBytes, startMs } = readWindowKey(bytes);
    const sequence = readWindowKeySequence(bytes);
    const key = this.#keys.codec.deserialize(keyBytes);
    this.#sequence = Math.max(this.#sequence, sequence);
    if (!this.#observe(startMs) || value === null) return;
    this.#records.restore(key, startMs, sequence, keyBytes, value).dropUpTo(this.#expiredMs);
  }

  flush(): void {}

  close(): void {
    this.#found = undefined;
  }

  open(environment: LmdbEnvironment): Promise<void> {
    const meta = this.#parts.readMeta(environment);
    this.#records.open(environment, meta?.ids);
    this.#observedMs = meta?.observedMs ?? -1;
    this.#sequence = meta?.sequence ?? 0;
    this.#isOpen = true;
    return this.#parts.load(meta);
  }

  seal(): void {
    this.#parts.seal({ observedMs: this.#observedMs, ids: this.#records.encode(), sequence: this.#sequence });
  }

  write(environment: LmdbEnvironment): void {
    this.#parts.write(environment);
  }

  committed(): void {
    this.#parts.committed();
  }

  reset(): void {
    this.close();
    this.#isOpen = false;
    this.#observedMs = -1;
    this.#sequence = 0;
    this.#records.reset();
    this.#parts.reset();
  }

  /** The latest timestamp that has expired. */
  get #expiredMs(): number {
    return this.#observedMs - this.retentionMs;
  }

  /** Moves the store's time. False: the record has expired. */
  #observe(timestamp: number): boolean {
    if (timestamp > this.#observedMs) this.#observedMs = timestamp;
    return timestamp > this.#expiredMs;
  }
}
