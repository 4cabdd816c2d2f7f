import { deepFreeze } from '../../../internal/deep-freeze.ts';
import { encode, type Codec } from '../../../serde/serde.ts';
import { refuseNotOpen } from '../../../state/refuse-not-open.ts';
import { readSessionKey, SessionKeyWriter } from '../../../state/session-store-keys.ts';
import type { SessionEntry, SessionRange, SessionStore } from '../../../state/session-store.ts';
import type { StoreContext } from '../../../state/state-store.ts';
import { StoreKeys } from '../../../state/store-keys.ts';
import type { LmdbEnvironment } from './lmdb-environment.ts';
import type { LmdbStoreOptions } from './lmdb-key-value-store.ts';
import type { LmdbPart } from './lmdb-part.ts';
import { inOrder, SessionEnds } from './session-ends.ts';
import { StoreParts } from './store-parts.ts';
import { TimedOverlay, type TimedPlace } from './timed-overlay.ts';

/** What a session store on disk is made of. */
export interface LmdbSessionStoreOptions<K, V> extends LmdbStoreOptions<K, V> {
  readonly retentionMs: number;
  /** It is asked for sessions by their ends as often as it is written. */
  readonly isReadByEnd: boolean;
}

/** Rows key ‖ end(8) ‖ start(8) → mark(1) ‖ value, in tables that are emptied whole when their ends have expired. */
export class LmdbSessionStore<K, V> implements SessionStore<K, V>, LmdbPart {
  readonly name: string;
  readonly kind = 'session';
  readonly persistent = true;
  readonly retentionMs: number;
  readonly #keys: StoreKeys<K>;
  readonly #valueCodec: Codec<V>;
  readonly #mutates: boolean;
  readonly #parts: StoreParts;
  readonly #sessions: TimedOverlay<K, V>;
  /** Undefined: `all` goes through whole segments. */
  readonly #ends: SessionEnds | undefined;
  readonly #keyWriter = new SessionKeyWriter();
  #context: StoreContext | undefined;
  #isOpen = false;
  /** What is stored has the ends of all of it: not so where the store was made without. */
  #hasEnds = false;
  #observedMs = -1;

  constructor({ name, key, value, mutates, cache, retentionMs, isReadByEnd }: LmdbSessionStoreOptions<K, V>) {
    this.name = name;
    this.retentionMs = retentionMs;
    this.#keys = new StoreKeys(key);
    this.#valueCodec = value;
    this.#mutates = mutates;
    this.#parts = new StoreParts(name, key, value);
    const context = this.#parts.overlayContext(this.#keys, value, cache);
    this.#sessions = new TimedOverlay({ name, retentionMs, tieBytes: 8, context });
    if (isReadByEnd) this.#ends = new SessionEnds(name, retentionMs, this.#parts.changes, cache);
  }

  /** Expired ones included that their table still has. */
  get approximateEntries(): number {
    return this.#sessions.storedRows(this.#expiredMs);
  }

  get uncommittedBytes(): number {
    return this.#parts.changes.bytes;
  }

  init(context: StoreContext): void {
    this.#context = context;
  }

  fetchSession(key: K, startMs: number, endMs: number): V | null {
    return endMs <= this.#expiredMs ? null : (this.#sessions.get(key, endMs, startMs) ?? null);
  }

  findSessions(key: K, earliestEndMs: number, latestStartMs: number): readonly SessionEntry<K, V>[] {
    const found: SessionEntry<K, V>[] = [];
    const fromMs = Math.max(earliestEndMs, this.#expiredMs + 1);
    const rows = this.#sessions.find(key, fromMs, this.#observedMs);
    if (rows === undefined) return found;
    rows.dropUpTo(this.#expiredMs);
    for (let at = rows.firstAt(fromMs); at < rows.length; at++) {
      const row = rows.rowAt(at);
      if (row.isRemoved || row.tie > latestStartMs) continue;
      found.push({ key, startMs: row.tie, endMs: row.timeMs, value: this.#sessions.valueOf(row) as V });
    }
    return found;
  }

  put(key: K, value: V | null, startMs: number, endMs: number, timestamp: number): void {
    const context = this.#requireContext();
    if (context.freezeValues && !this.#mutates) deepFreeze(value);
    const bytes = value === null ? null : encode(this.#valueCodec, value);
    const keyBytes = encode(this.#keys.codec, key);
    if (!this.#observe(endMs)) context.countDropped('expired-window-record');
    else if (bytes === null) this.#removeRow(key, startMs, endMs, keyBytes);
    else {
      this.#sessions.put(key, value, endMs, startMs, keyBytes, bytes).dropUpTo(this.#expiredMs);
      this.#ends?.put(placeOf(keyBytes, startMs, endMs));
    }
    context.changelog?.log(this.#keyWriter.write(keyBytes, startMs, endMs), bytes, timestamp);
  }

  remove(key: K, startMs: number, endMs: number, timestamp: number): void {
    const context = this.#requireContext();
    const keyBytes = encode(this.#keys.codec, key);
    if (endMs > this.#expiredMs) this.#removeRow(key, startMs, endMs, keyBytes);
    context.changelog?.log(this.#keyWriter.write(keyBytes, startMs, endMs), null, timestamp);
  }

  /** Without `isReadByEnd` it brings where the sessions of a segment are into order in memory, half a retention after the other. */
  *all({ fromMs = -Infinity, toMs = Infinity, reverse = false }: SessionRange = {}): IterableIterator<
    SessionEntry<K, V>
  > {
    const firstMs = Math.max(fromMs, this.#expiredMs + 1);
    const places =
      this.#ends !== undefined && this.#hasEnds
        ? this.#ends.within(firstMs, toMs, reverse)
        : this.#placesInOrder(firstMs, toMs, reverse);
    for (const { order, timeMs, tie } of places) {
      const key = this.#keys.codec.deserialize(Buffer.from(order, 'latin1'));
      const value = this.#sessions.get(key, timeMs, tie);
      if (value !== undefined && value !== null) yield { key, startMs: tie, endMs: timeMs, value };
    }
  }

  restore(bytes: Uint8Array, value: Uint8Array | null): void {
    const { key: keyBytes, startMs, endMs } = readSessionKey(bytes);
    const key = this.#keys.codec.deserialize(keyBytes);
    if (!this.#observe(endMs)) return;
    if (value === null) {
      this.#removeRow(key, startMs, endMs, keyBytes);
      return;
    }
    this.#sessions.restore(key, endMs, startMs, keyBytes, value).dropUpTo(this.#expiredMs);
    this.#ends?.put(placeOf(keyBytes, startMs, endMs));
  }

  flush(): void {}

  close(): void {}

  open(environment: LmdbEnvironment): Promise<void> {
    const meta = this.#parts.readMeta(environment);
    this.#sessions.open(environment, meta?.ids);
    this.#ends?.open(environment, meta?.ids);
    this.#hasEnds = this.#ends !== undefined && (meta === undefined || meta.hasEnds === true);
    this.#observedMs = meta?.observedMs ?? -1;
    this.#isOpen = true;
    return this.#parts.load(meta);
  }

  seal(): void {
    this.#parts.seal({ observedMs: this.#observedMs, ids: this.#sessions.encode(), hasEnds: this.#hasEnds });
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
    this.#sessions.reset();
    this.#ends?.reset();
    this.#parts.reset();
  }

  *#placesInOrder(fromMs: number, toMs: number, reverse: boolean): Generator<TimedPlace> {
    const segments = this.#sessions.segmentsWithin(fromMs, toMs);
    if (reverse) segments.reverse();
    for (const segment of segments) {
      const places = new Map<string, TimedPlace>();
      for (const place of this.#sessions.placesIn(segment))
        if (place.timeMs >= fromMs && place.timeMs <= toMs)
          places.set(`${place.timeMs}:${place.tie}:${place.order}`, place);
      yield* inOrder([...places.values()], reverse);
    }
  }

  #removeRow(key: K, startMs: number, endMs: number, keyBytes: Uint8Array): void {
    this.#sessions.remove(key, endMs, startMs, keyBytes);
    this.#ends?.remove(placeOf(keyBytes, startMs, endMs));
  }

  /** The latest end that has expired. */
  get #expiredMs(): number {
    return this.#observedMs - this.retentionMs;
  }

  /** Moves the store's time. False: the session has expired. */
  #observe(endMs: number): boolean {
    if (endMs > this.#observedMs) this.#observedMs = endMs;
    return endMs > this.#expiredMs;
  }

  #requireContext(): StoreContext {
    if (this.#context === undefined || !this.#isOpen) refuseNotOpen(this.name);
    return this.#context;
  }
}

const placeOf = (keyBytes: Uint8Array, startMs: number, endMs: number): TimedPlace => ({
  order: Buffer.from(keyBytes.buffer, keyBytes.byteOffset, keyBytes.length).toString('latin1'),
  timeMs: endMs,
  tie: startMs,
});
