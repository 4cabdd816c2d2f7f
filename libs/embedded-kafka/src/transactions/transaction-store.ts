import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BrokerLogger } from '../logger.ts';
import { EntryFile } from '../storage/entry-file.ts';
import type { Transaction } from './transaction.ts';

/** An entry of the file, as JSON: what a transactional id has become, or that it was forgotten. */
type StoredEntry = Transaction | { readonly transactionalId: string; readonly forgotten: true };

/** Settings of a {@link TransactionStore}. */
export interface TransactionStoreOptions {
  /** The file is rewritten when it is larger than this and has doubled since it was last. */
  readonly compactAboveBytes: number;
  /** Force every change to the disk. */
  readonly sync: boolean;
  readonly logger: BrokerLogger;
}

/** All transactional ids: in memory, and in one append-only file that is read again at start. A change that the disk refuses is thrown and not made. */
export class TransactionStore {
  readonly #file: EntryFile;
  readonly #options: TransactionStoreOptions;
  readonly #transactions = new Map<string, Transaction>();
  #compactAtBytes: number;

  /** Reads `transactions.log` in the directory, which is made if it is missing. */
  constructor(directory: string, options: TransactionStoreOptions) {
    mkdirSync(directory, { recursive: true });
    const path = join(directory, 'transactions.log');
    const { file, recovered } = EntryFile.open(path, options.sync);
    this.#file = file;
    this.#options = options;
    for (const payload of recovered.payloads) this.#apply(JSON.parse(payload.toString()) as StoredEntry);
    if (recovered.tornBytes > 0)
      options.logger.warn('transactions: cut off a torn entry', { file: path, bytes: recovered.tornBytes });
    this.#compactAtBytes = options.compactAboveBytes;
    this.#compactIfLarge();
  }

  get size(): number {
    return this.#transactions.size;
  }

  get(transactionalId: string): Transaction | undefined {
    return this.#transactions.get(transactionalId);
  }

  all(): Transaction[] {
    return [...this.#transactions.values()];
  }

  save(transaction: Transaction): void {
    this.#change(transaction);
  }

  forget(transactionalId: string): void {
    if (this.#transactions.has(transactionalId)) this.#change({ transactionalId, forgotten: true });
  }

  close(): void {
    this.#file.close();
  }

  #change(entry: StoredEntry): void {
    this.#file.append(Buffer.from(JSON.stringify(entry)));
    this.#apply(entry);
    this.#compactIfLarge();
  }

  #apply(entry: StoredEntry): void {
    if ('forgotten' in entry) this.#transactions.delete(entry.transactionalId);
    else this.#transactions.set(entry.transactionalId, entry);
  }

  /** Rewrites the file with what is still true. Failing to is no loss: it is tried again when the file has doubled. */
  #compactIfLarge(): void {
    if (this.#file.size < this.#compactAtBytes) return;
    const before = this.#file.size;
    try {
      this.#file.rewrite(this.all().map((transaction) => Buffer.from(JSON.stringify(transaction))));
      this.#options.logger.info('transactions: file rewritten', { bytes: this.#file.size, bytesBefore: before });
    } catch (error) {
      this.#options.logger.error('transactions: file could not be rewritten', { reason: String(error) });
    }
    this.#compactAtBytes = Math.max(this.#options.compactAboveBytes, 2 * this.#file.size);
  }
}
