import type { ChangelogWriter } from '../../../state/state-store.ts';
import { readInt64, writeInt64 } from '../../../internal/int64.ts';
import type { TakeStored } from '../state-backend.ts';
import { timeInKey, type TeedStore } from '../teed-store.ts';
import { Changes, copy, type Change } from './changes.ts';
import { takeEach } from '../until-ready.ts';
import type { LmdbEnvironment } from './lmdb-environment.ts';
import type { LmdbPart } from './lmdb-part.ts';
import type { LmdbTable } from './lmdb-table.ts';
import { Segments } from './segments.ts';

const TIME_BYTES = 8;
const NO_PREFIX = Buffer.alloc(0);
const TIME = Buffer.alloc(TIME_BYTES);

interface Meta {
  readonly observedMs: number;
  readonly ids: readonly (number | null)[];
}

/** What the changelog of a store in memory would have after compaction and expiry: rows of its changelog's keys, with timestamp and value. */
export class TeedRows implements LmdbPart, ChangelogWriter {
  readonly #store: TeedStore;
  readonly #changes = new Changes();
  /** By changelog key: the changes that are not committed. */
  readonly #latest = new Map<string, Change>();
  readonly #segments: Segments | undefined;
  #table: LmdbTable | undefined;
  #observedMs = -1;
  #sealedMeta = '';
  #writtenMeta: string | undefined;

  constructor(store: TeedStore) {
    this.#store = store;
    if (store.retentionMs !== undefined) this.#segments = new Segments(store.name, store.retentionMs);
  }

  get uncommittedBytes(): number {
    return this.#changes.bytes;
  }

  open(environment: LmdbEnvironment): Promise<void> {
    const text = environment.meta(this.#metaName());
    const meta = text === undefined ? undefined : (JSON.parse(text) as Meta);
    this.#writtenMeta = text;
    this.#observedMs = meta?.observedMs ?? -1;
    if (this.#segments === undefined) this.#table = environment.table(this.#store.name);
    else this.#segments.open(environment, meta?.ids ?? []);
    return Promise.resolve();
  }

  log(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    const timeMs = timeInKey(this.#store, key);
    if (timeMs !== undefined && !this.#observe(timeMs)) return;
    const order = Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
    let change = this.#latest.get(order);
    if (change === undefined || !this.#changes.isCurrent(change)) {
      change =
        change === undefined
          ? this.#changes.add(this.#tableOf(timeMs), timeMs === undefined ? NO_PREFIX : timeBytes(timeMs), key)
          : this.#changes.addAgain(change);
      this.#latest.set(order, change);
    }
    if (value === null) {
      this.#changes.removeRow(change);
      return;
    }
    this.#changes.writeRow(change, TIME_BYTES + value.length);
    writeInt64(change.rowBytes, change.rowStart, timestamp);
    copy(value, change.rowBytes, change.rowStart + TIME_BYTES);
  }

  async load(take: TakeStored): Promise<void> {
    const skipBytes = this.#segments === undefined ? 0 : TIME_BYTES;
    const tables = this.#segments?.inOrder().map(({ table }) => table) ?? [this.#table as LmdbTable];
    for (const table of tables) {
      await takeEach(table.scan(), ({ key, value }) =>
        take(key.subarray(skipBytes), value.subarray(TIME_BYTES), readInt64(value, 0)),
      );
    }
  }

  seal(): void {
    this.#changes.seal();
    const meta: Meta = { observedMs: this.#observedMs, ids: this.#segments?.encode() ?? [] };
    this.#sealedMeta = JSON.stringify(meta);
  }

  write(environment: LmdbEnvironment): void {
    this.#changes.write();
    if (this.#sealedMeta === this.#writtenMeta) return;
    environment.putMeta(this.#metaName(), this.#sealedMeta);
  }

  committed(): void {
    this.#changes.committed();
    this.#writtenMeta = this.#sealedMeta;
    for (const [order, change] of this.#latest) if (!this.#changes.isCurrent(change)) this.#latest.delete(order);
  }

  reset(): void {
    this.#changes.forget();
    this.#latest.clear();
  }

  /** False: the row has expired. */
  #observe(timeMs: number): boolean {
    this.#observedMs = Math.max(this.#observedMs, timeMs);
    return timeMs > this.#observedMs - (this.#store.retentionMs as number);
  }

  #tableOf(timeMs: number | undefined): LmdbTable {
    return timeMs === undefined || this.#segments === undefined
      ? (this.#table as LmdbTable)
      : this.#segments.tableOf(this.#segments.idOf(timeMs), (table) => this.#changes.clear(table));
  }

  #metaName(): string {
    return `store/${this.#store.name}`;
  }
}

/** Written over by the next call. */
function timeBytes(timeMs: number): Buffer {
  writeInt64(TIME, 0, timeMs);
  return TIME;
}
