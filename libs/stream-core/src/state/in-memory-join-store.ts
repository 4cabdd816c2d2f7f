import { deepFreeze } from '../internal/deep-freeze.ts';
import type { Codec } from '../serde/serde.ts';
import { encode } from '../serde/serde.ts';
import { JoinRows } from './join-rows.ts';
import type { JoinStore } from './join-store.ts';
import { refuseNotOpen } from './refuse-not-open.ts';
import type { StoreContext } from './state-store.ts';
import type { MapKey } from './store-keys.ts';
import { StoreKeys } from './store-keys.ts';
import { WindowKeyWriter, readWindowKey, readWindowKeySequence } from './window-store-keys.ts';

/** What a join store in memory is made of. */
export interface InMemoryJoinStoreOptions<K, V> {
  readonly name: string;
  readonly key: Codec<K>;
  readonly value: Codec<V>;
  readonly retentionMs: number;
}

/** A retention is cut into this many parts; keys that were not touched for a whole part are looked through when it has expired. */
const SEGMENTS_PER_RETENTION = 4;
const MAX_SEQUENCE = 0x7fffffff;

/** The records of each key in arrays by time. Expired ones go when their key is touched or, at the latest, when their segment of time has passed. */
export class InMemoryJoinStore<K, V> implements JoinStore<K, V> {
  readonly name: string;
  readonly kind = 'internal';
  readonly persistent = false;
  readonly retentionMs: number;
  readonly #keys: StoreKeys<K>;
  readonly #valueCodec: Codec<V>;
  readonly #rows = new Map<MapKey, JoinRows<V>>();
  readonly #segmentMs: number;
  /** What has records in each segment of time, by its number. Some is in it twice, where records come out of order, or has been dropped since. */
  readonly #segments = new Map<number, JoinRows<V>[]>();
  readonly #keyWriter = new WindowKeyWriter();
  #context: StoreContext | undefined;
  #observedMs = -1;
  #sequence = 0;
  #found: JoinRows<V> | undefined;
  #foundFrom = 0;

  constructor({ name, key, value, retentionMs }: InMemoryJoinStoreOptions<K, V>) {
    this.name = name;
    this.retentionMs = retentionMs;
    this.#keys = new StoreKeys(key);
    this.#valueCodec = value;
    this.#segmentMs = Math.max(1, Math.ceil(retentionMs / SEGMENTS_PER_RETENTION));
  }

  get approximateEntries(): number {
    let entries = 0;
    for (const rows of this.#rows.values()) entries += rows.size;
    return entries;
  }

  init(context: StoreContext): void {
    this.#context = context;
  }

  put(key: K, value: V | null, timestamp: number): void {
    const context = this.#context;
    if (context === undefined) refuseNotOpen(this.name);
    this.#sequence = (this.#sequence + 1) & MAX_SEQUENCE;
    if (!this.#add(key, value, timestamp, this.#sequence)) context.countDropped('expired-window-record');
    else if (context.freezeValues) deepFreeze(value);
    const { changelog } = context;
    if (changelog === undefined) return;
    const bytes = value === null ? null : encode(this.#valueCodec, value);
    const keyBytes = encode(this.#keys.codec, key);
    // Kafka Streams' join stores are in its newer form, which keeps headers (KIP-1271): in memory nobody asks for them.
    const { headers } = context.record;
    changelog.log(this.#keyWriter.write(keyBytes, timestamp, this.#sequence), bytes, timestamp, headers);
  }

  find(key: K, fromMs: number, toMs: number): number {
    const rows = this.#rows.get(this.#keys.mapKey(key));
    this.#found = rows;
    if (rows === undefined) return 0;
    this.#foundFrom = rows.firstAt(Math.max(fromMs, this.#expiredMs + 1));
    return Math.max(0, rows.firstAt(toMs + 1) - this.#foundFrom);
  }

  foundTimestamp(index: number): number {
    return (this.#found as JoinRows<V>).timestampAt(this.#foundFrom + index);
  }

  foundValue(index: number): V {
    return (this.#found as JoinRows<V>).valueAt(this.#foundFrom + index);
  }

  restore(key: Uint8Array, value: Uint8Array | null): void {
    const { key: keyBytes, startMs } = readWindowKey(key);
    const restored = value === null ? null : this.#valueCodec.deserialize(value);
    const sequence = readWindowKeySequence(key);
    const restoredKey = this.#keys.codec.deserialize(keyBytes);
    this.#sequence = Math.max(this.#sequence, sequence);
    // State that was stored and the changelog's tail may overlap.
    const rows = this.#rows.get(this.#keys.mapKey(restoredKey));
    if (restored !== null && rows?.replace(restored, startMs, sequence) === true) return;
    this.#add(restoredKey, restored, startMs, sequence);
  }

  flush(): void {}

  close(): void {
    this.#rows.clear();
    this.#segments.clear();
    this.#found = undefined;
    this.#observedMs = -1;
  }

  /** The latest timestamp that has expired. */
  get #expiredMs(): number {
    return this.#observedMs - this.retentionMs;
  }

  /** False: it has expired and nothing was stored. */
  #add(key: K, value: V | null, timestamp: number, sequence: number): boolean {
    if (timestamp > this.#observedMs) this.#observe(timestamp);
    if (timestamp <= this.#expiredMs) return false;
    if (value === null) return true;
    const mapKey = this.#keys.mapKey(key);
    let rows = this.#rows.get(mapKey);
    if (rows === undefined) {
      rows = new JoinRows(mapKey, value, timestamp, sequence);
      this.#rows.set(mapKey, rows);
    } else {
      rows.dropUpTo(this.#expiredMs);
      rows.add(value, timestamp, sequence);
    }
    const segment = Math.floor(timestamp / this.#segmentMs);
    if (rows.lastSegment === segment) return true;
    rows.lastSegment = segment;
    const known = this.#segments.get(segment);
    if (known === undefined) this.#segments.set(segment, [rows]);
    else known.push(rows);
    return true;
  }

  /** Moves the store's time and goes through what is known of the segments that end before what is kept. */
  #observe(timestamp: number): void {
    const before = Math.floor((this.#expiredMs + 1) / this.#segmentMs);
    this.#observedMs = timestamp;
    const expiredMs = this.#expiredMs;
    if (Math.floor((expiredMs + 1) / this.#segmentMs) === before) return;
    for (const [segment, known] of this.#segments) {
      if ((segment + 1) * this.#segmentMs - 1 > expiredMs) continue;
      this.#segments.delete(segment);
      for (const rows of known) {
        rows.dropUpTo(expiredMs);
        if (rows.size === 0 && this.#rows.get(rows.mapKey) === rows) this.#rows.delete(rows.mapKey);
      }
    }
  }
}
