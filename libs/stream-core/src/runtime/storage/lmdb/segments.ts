import type { LmdbEnvironment } from './lmdb-environment.ts';
import type { LmdbTable } from './lmdb-table.ts';

/** Tables of a store that keeps times: the live ones span at most four segments of half the retention. */
export const SLOTS = 5;
const MIN_SEGMENT_MS = 1_000;

/**
 * Which of a store's tables a time belongs to. A segment is half a retention long, and takes a table whose segment has expired, after everything in
 * that was removed at once: an entry is never expired by itself.
 */
export class Segments {
  readonly #name: string;
  readonly #segmentMs: number;
  readonly #tables: LmdbTable[] = [];
  /** By slot: which segment's rows its table has. */
  #ids: (number | undefined)[] = [];

  constructor(name: string, retentionMs: number) {
    this.#name = name;
    this.#segmentMs = Math.max(Math.ceil(retentionMs / 2), MIN_SEGMENT_MS);
  }

  open(environment: LmdbEnvironment, ids: readonly (number | null)[]): void {
    this.reset();
    for (let slot = 0; slot < SLOTS; slot++) this.#tables.push(environment.table(`${this.#name}/${slot}`));
    this.#ids = ids.map((id) => id ?? undefined);
  }

  /** There are none until `open`. */
  reset(): void {
    this.#tables.length = 0;
    this.#ids = [];
  }

  /** The segment of a time. */
  idOf(timeMs: number): number {
    return Math.floor(timeMs / this.#segmentMs);
  }

  /** The first time after a segment. */
  endOf(id: number): number {
    return (id + 1) * this.#segmentMs;
  }

  /** Its rows, if there are any, have a table. */
  has(id: number): boolean {
    return this.#ids[slotOf(id)] === id;
  }

  /** The table of a segment that has not expired; `clear` is called with it first when it has rows of an expired one. */
  tableOf(id: number, clear: (table: LmdbTable) => void): LmdbTable {
    const slot = slotOf(id);
    const table = this.#tables[slot] as LmdbTable;
    if (this.#ids[slot] !== id) {
      if (this.#ids[slot] !== undefined) clear(table);
      this.#ids[slot] = id;
    }
    return table;
  }

  /** Those with rows, by time. */
  inOrder(): { readonly table: LmdbTable; readonly id: number }[] {
    return this.#tables
      .map((table, slot) => ({ table, id: this.#ids[slot] }))
      .filter((segment): segment is { table: LmdbTable; id: number } => segment.id !== undefined)
      .sort((a, b) => a.id - b.id);
  }

  /** Those with rows between these times (inclusive), by time. */
  within(fromMs: number, toMs: number): number[] {
    return this.inOrder()
      .map(({ id }) => id)
      .filter((id) => this.endOf(id) > fromMs && (id === 0 || id * this.#segmentMs <= toMs));
  }

  /** By slot; JSON writes holes as null. */
  encode(): readonly (number | null)[] {
    return Array.from({ length: SLOTS }, (_, slot) => this.#ids[slot] ?? null);
  }
}

const slotOf = (id: number): number => ((id % SLOTS) + SLOTS) % SLOTS;
