import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { StreamsError } from '../../../errors.ts';
import type { DiskUsage } from '../state-backend.ts';
import { LmdbTable, type ByteDatabase } from './lmdb-table.ts';

/** Databases of one environment: a table each, of which a store has one, or `SLOTS` when it keeps times. */
const MAX_DATABASES = 1_024;
/** Address space, neither memory nor disk. A state that outgrows it is mapped anew by lmdb-js. */
const MAP_BYTES = 64 * 2 ** 30;
/** Where LMDB's magic number stands in a file of it. */
const MAGIC_AT = 24;
const MAGIC = 0xbeefc0de;
const DATA_FILE = 'data.mdb';
const BYTES = { keyEncoding: 'binary', encoding: 'binary' } as const;

/** A task's LMDB environment. */
export class LmdbEnvironment {
  readonly #root: RootDatabase;
  readonly #meta: ByteDatabase;
  readonly #odd: ByteDatabase;
  readonly #tables = new Map<string, LmdbTable>();
  readonly #path: string;
  #closed: Promise<void> | undefined;

  /** Makes the directory when it is not there. Throws for a file that is none of LMDB's. */
  constructor(path: string) {
    mkdirSync(path, { recursive: true });
    refuseForeign(join(path, DATA_FILE));
    this.#path = path;
    // Without fsync: see `StateDirectory`. Without a writable map: the file has the size of what it holds, and it was no slower.
    this.#root = open({
      path,
      noSync: true,
      overlappingSync: false,
      mapSize: MAP_BYTES,
      maxDbs: MAX_DATABASES,
      ...BYTES,
    });
    this.#meta = this.#database('meta');
    this.#odd = this.#database('odd');
  }

  /** Throws `StreamsError` (STREAMS_STATE_STORE) after `close`. */
  table(name: string): LmdbTable {
    this.#refuseClosed();
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = new LmdbTable(name, this.#database(`t:${name}`), this.#odd);
      this.#tables.set(name, table);
    }
    return table;
  }

  /** Throws as `table`. */
  meta(name: string): string | undefined {
    this.#refuseClosed();
    return this.#meta.getBinary(Buffer.from(name))?.toString();
  }

  /** Undefined after `close`. A store's tables are `<store>` or `<store>/<slot>`. */
  get diskUsage(): DiskUsage | undefined {
    if (this.#closed !== undefined) return undefined;
    const storeBytes = new Map<string, number>();
    for (const [name, table] of this.#tables) {
      const store = name.split('/', 1)[0] as string;
      storeBytes.set(store, (storeBytes.get(store) ?? 0) + table.bytesOnDisk);
    }
    return { totalBytes: statSync(join(this.#path, DATA_FILE)).size, storeBytes };
  }

  /** Inside a transaction. */
  putMeta(name: string, text: string): void {
    void this.#meta.put(Buffer.from(name), Buffer.from(text));
  }

  /** What `write` puts and removes, in one transaction, off the thread. `write` must not throw. Rejects when it could not be written; then nothing of it was. */
  async transaction(write: () => void): Promise<void> {
    try {
      await this.#root.batch(write);
    } catch (error) {
      const cause = await commitErrorOf(error);
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new StreamsError('STREAMS_STATE_STORE', `state cannot be written to ${this.#path}: ${reason}`, {
        cause,
      });
    }
  }

  /**
   * After what is being written; nothing is read from now on. A read that lmdb-js is asked for while it closes leaves a timer behind that throws,
   * and with that ends the process: it resets a read transaction that `close` has aborted.
   */
  close(): Promise<void> {
    if (this.#closed === undefined) {
      for (const table of this.#tables.values()) table.close();
      this.#closed = this.#root.close();
    }
    return this.#closed;
  }

  #refuseClosed(): void {
    if (this.#closed !== undefined) throw new StreamsError('STREAMS_STATE_STORE', `state in ${this.#path} is closed`);
  }

  #database(name: string): ByteDatabase {
    return this.#root.openDB<Buffer, Uint8Array>({ name, ...BYTES });
  }
}

/** LMDB itself ends the process when it is given any other file. */
function refuseForeign(file: string): void {
  if (!existsSync(file)) return;
  const head = Buffer.alloc(MAGIC_AT + 4);
  const descriptor = openSync(file, 'r');
  const length = readSync(descriptor, head, 0, head.length, 0);
  closeSync(descriptor);
  if (length > 0 && (length < head.length || head.readUInt32LE(MAGIC_AT) !== MAGIC))
    throw new StreamsError('STREAMS_STATE_STORE', `${file} is no LMDB environment`);
}

/** lmdb-js rejects with an error that has the reason as a promise. */
async function commitErrorOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<unknown> };
  if (commitError === undefined) return error;
  try {
    return (await commitError) ?? error;
  } catch (reason) {
    return reason;
  }
}
