import { readInt64, writeInt64 } from '../../../internal/int64.ts';
import type { ChangelogWriter } from '../../../state/state-store.ts';
import { timeInKey, type TeedStore } from '../teed-store.ts';

const TIME_BYTES = 8;
const MIN_SEGMENT_MS = 1_000;
/** About what a change takes in memory beside its bytes. */
const CHANGE_OVERHEAD_BYTES = 100;

/** A change that is not committed; null removes. */
interface PendingRow {
  readonly hash: string;
  readonly field: Buffer;
  readonly row: Buffer | null;
}

/** What a store's meta row has. */
interface Meta {
  readonly observedMs: number;
  /** Segments that have a hash. */
  readonly segments: readonly number[];
}

/** An operation of a commit. */
export type Operation =
  | { readonly kind: 's'; readonly hash: string; readonly field: Buffer; readonly row: Buffer }
  | { readonly kind: 'd'; readonly hash: string; readonly field: Buffer }
  | { readonly kind: 'u'; readonly hash: string };

/** The rows of a store in memory, as its changelog has them: in one hash, or in one for each half of its retention, which goes whole when it has expired. */
export class RedisRows implements ChangelogWriter {
  readonly #store: TeedStore;
  readonly #segmentMs: number;
  /** By changelog key. */
  #current = new Map<string, PendingRow>();
  #sealed = new Map<string, PendingRow>();
  #observedMs = -1;
  /** Segments with a hash. */
  readonly #segments = new Set<number>();
  /** Hashes that a sealed commit removes. */
  #expired: string[] = [];
  #sealedExpired: string[] = [];
  #sealedMeta = '';
  #bytes = 0;
  #sealedBytes = 0;

  constructor(store: TeedStore) {
    this.#store = store;
    this.#segmentMs =
      store.retentionMs === undefined ? Infinity : Math.max(Math.ceil(store.retentionMs / 2), MIN_SEGMENT_MS);
  }

  get uncommittedBytes(): number {
    return this.#bytes;
  }

  /** Field of the task's meta hash. */
  get metaField(): Buffer {
    return Buffer.from(this.#store.name);
  }

  /** As `metaField` was found. */
  open(meta: Buffer | undefined): void {
    const { observedMs, segments } =
      meta === undefined ? { observedMs: -1, segments: [] } : (JSON.parse(meta.toString()) as Meta);
    this.reset();
    this.#observedMs = observedMs;
    for (const segment of segments) this.#segments.add(segment);
  }

  /** Names of the hashes with rows, by time. */
  hashes(): string[] {
    if (this.#store.retentionMs === undefined) return [this.#hashOf(undefined)];
    return [...this.#segments].sort((a, b) => a - b).map((segment) => `${this.#store.name}/${segment}`);
  }

  log(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    const timeMs = timeInKey(this.#store, key);
    if (timeMs !== undefined && !this.#observe(timeMs)) return;
    const field = Buffer.from(key);
    const order = field.toString('latin1');
    let row: Buffer | null = null;
    if (value !== null) {
      row = Buffer.allocUnsafe(TIME_BYTES + value.length);
      writeInt64(row, 0, timestamp);
      row.set(value, TIME_BYTES);
    }
    const before = this.#current.get(order);
    this.#bytes += (row?.length ?? 0) - (before?.row?.length ?? 0);
    if (before === undefined) this.#bytes += field.length + CHANGE_OVERHEAD_BYTES;
    this.#current.set(order, { hash: this.#hashOf(timeMs), field, row });
  }

  seal(): void {
    if (this.#sealed.size === 0) this.#sealed = this.#current;
    else for (const [order, change] of this.#current) this.#sealed.set(order, change);
    this.#current = new Map();
    this.#sealedExpired.push(...this.#expired);
    this.#expired = [];
    this.#sealedBytes = this.#bytes;
    this.#sealedMeta = JSON.stringify({ observedMs: this.#observedMs, segments: [...this.#segments] });
  }

  /** The sealed changes; those of expired segments are left out. */
  *operations(metaHash: string): Generator<Operation> {
    const expired = new Set(this.#sealedExpired);
    for (const { hash, field, row } of this.#sealed.values()) {
      if (expired.has(hash)) continue;
      yield row === null ? { kind: 'd', hash, field } : { kind: 's', hash, field, row };
    }
    for (const hash of expired) yield { kind: 'u', hash };
    yield { kind: 's', hash: metaHash, field: this.metaField, row: Buffer.from(this.#sealedMeta) };
  }

  committed(): void {
    this.#sealed = new Map();
    this.#sealedExpired = [];
    this.#bytes -= this.#sealedBytes;
    this.#sealedBytes = 0;
  }

  reset(): void {
    this.#current = new Map();
    this.#sealed = new Map();
    this.#expired = [];
    this.#sealedExpired = [];
    this.#bytes = this.#sealedBytes = 0;
    this.#observedMs = -1;
    this.#segments.clear();
  }

  /** False: it has expired. */
  #observe(timeMs: number): boolean {
    const retentionMs = this.#store.retentionMs as number;
    if (timeMs > this.#observedMs) {
      this.#observedMs = timeMs;
      for (const segment of this.#segments) {
        if ((segment + 1) * this.#segmentMs - 1 > timeMs - retentionMs) continue;
        this.#segments.delete(segment);
        this.#expired.push(`${this.#store.name}/${segment}`);
      }
    }
    return timeMs > this.#observedMs - retentionMs;
  }

  #hashOf(timeMs: number | undefined): string {
    if (timeMs === undefined) return `${this.#store.name}/rows`;
    const segment = Math.floor(timeMs / this.#segmentMs);
    this.#segments.add(segment);
    return `${this.#store.name}/${segment}`;
  }
}

/** Timestamp and value of a row. */
export const readRow = (row: Buffer): { readonly timestamp: number; readonly value: Buffer } => ({
  timestamp: readInt64(row, 0),
  value: row.subarray(TIME_BYTES),
});
