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

  /** The table of a time that has not expired; `clear` is called with it first when it has rows of an expired segment. */
  tableOf(timeMs: number, clear: (table: LmdbTable) => void): LmdbTable {
    const id = Math.floor(timeMs / this.#segmentMs);
    const slot = ((id % SLOTS) + SLOTS) % SLOTS;
    const table = this.#tables[slot] as LmdbTable;
    if (this.#ids[slot] !== id) {
      if (this.#ids[slot] !== undefined) clear(table);
      this.#ids[slot] = id;
    }
    return table;
  }

  /** Those with rows, by time. */
  inOrder(): LmdbTable[] {
    const slots = this.#tables.map((table, slot) => ({ table, id: this.#ids[slot] }));
    return slots
      .filter((slot): slot is { table: LmdbTable; id: number } => slot.id !== undefined)
      .sort((a, b) => a.id - b.id)
      .map(({ table }) => table);
  }

  /** By slot; JSON writes holes as null. */
  encode(): readonly (number | null)[] {
    return Array.from({ length: SLOTS }, (_, slot) => this.#ids[slot] ?? null);
  }
}
