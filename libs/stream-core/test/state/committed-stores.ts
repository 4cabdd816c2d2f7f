import { open, type RootDatabase } from 'lmdb';
import type { LmdbEnvironment } from '../../src/runtime/storage/lmdb/lmdb-environment.ts';
import type { LmdbPart } from '../../src/runtime/storage/lmdb/lmdb-part.ts';
import { LmdbTable, type ByteDatabase } from '../../src/runtime/storage/lmdb/lmdb-table.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import type { StoreBuilder } from '../../src/state/store-builder.ts';
import { durableStore } from './durable-store.ts';

const BYTES = { keyEncoding: 'binary', encoding: 'binary' } as const;
const WRITES = new Set(['put', 'putVersion', 'remove', 'delete', 'restore', 'add']);

/** Stores on disk that commit every write before the next call, and counts the rows that are read from disk. */
export class CommittedStores {
  rowsRead = 0;
  readonly #root: RootDatabase;
  readonly #tables = new Map<string, LmdbTable>();
  readonly #meta = new Map<string, string>();

  constructor(path: string) {
    this.#root = open({ path, noSync: true, maxDbs: 64, ...BYTES });
  }

  /** `cacheBytes` 0: every read that nothing uncommitted answers goes to disk. */
  open<S extends StateStore>(builder: StoreBuilder<S>, { cacheBytes = 0, commits = true } = {}): S & LmdbPart {
    const store = durableStore(builder, cacheBytes);
    void store.open(this.environment);
    return commits ? this.#committing(store) : store;
  }

  /** `meanwhile`: after what is committed has been sealed. */
  commit(part: LmdbPart, meanwhile = (): void => {}): void {
    part.seal();
    meanwhile();
    this.#root.transactionSync(() => part.write(this.environment));
    part.committed();
  }

  /** Forgets everything that is stored. */
  wipe(): void {
    this.#root.transactionSync(() => {
      for (const table of this.#tables.values()) table.clear();
    });
    this.#meta.clear();
  }

  close(): Promise<void> {
    return this.#root.close();
  }

  get environment(): LmdbEnvironment {
    return {
      table: (name: string) => this.#table(name),
      meta: (name: string) => this.#meta.get(name),
      putMeta: (name: string, text: string) => this.#meta.set(name, text),
    } as unknown as LmdbEnvironment;
  }

  #table(name: string): LmdbTable {
    let table = this.#tables.get(name);
    if (table === undefined) {
      const database = (of: string): ByteDatabase => this.#root.openDB<Buffer, Uint8Array>({ name: of, ...BYTES });
      table = new LmdbTable(name, database(`t:${name}`), database('odd'));
      this.#count(table);
      this.#tables.set(name, table);
    }
    return table;
  }

  #count(table: LmdbTable): void {
    const get = table.get.bind(table);
    const scan = table.scan.bind(table);
    const counted = (): number => this.rowsRead++;
    table.get = (key) => {
      const row = get(key);
      if (row !== undefined) counted();
      return row;
    };
    table.scan = function* (range) {
      for (const row of scan(range)) {
        counted();
        yield row;
      }
    };
  }

  #committing<S extends StateStore>(store: S & LmdbPart): S & LmdbPart {
    return new Proxy(store, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...given: unknown[]): unknown => {
          const result: unknown = member.apply(target, given);
          if (WRITES.has(String(name))) this.commit(target);
          return result;
        };
      },
    });
  }
}
