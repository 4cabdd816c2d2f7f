import type { TaskContext } from '../../processor/task-context.ts';
import { forwardsOnFlush } from '../../state/caching-store.ts';
import type { FlushListener } from '../../state/caching-store.ts';
import type { KeyValueStore } from '../../state/key-value-store.ts';
import type { VersionedKeyValueStore } from '../../state/versioned-key-value-store.ts';

/** The rows that a table's node keeps, with history or without, and whether a change of one is to be forwarded now. */
export class TableRows {
  /** Of the latest `put`: the row is the key's latest. False only in a store with history. */
  isLatest = true;
  readonly #store: KeyValueStore<unknown, unknown>;
  readonly #versions: VersionedKeyValueStore<unknown, unknown> | undefined;
  readonly #isCached: boolean;

  /** `onFlush` forwards what a cache has kept back. */
  constructor(context: TaskContext, storeName: string, sendOldValues: boolean, onFlush: FlushListener) {
    const store = context.store(storeName);
    this.#store = store as KeyValueStore<unknown, unknown>;
    this.#versions = 'putVersion' in store ? (store as VersionedKeyValueStore<unknown, unknown>) : undefined;
    this.#isCached = forwardsOnFlush(this.#store, sendOldValues, onFlush);
  }

  /** The latest row of a key, or null. Sets `foundTimestamp`. */
  get(key: unknown): unknown {
    return this.#store.get(key);
  }

  get foundTimestamp(): number {
    return this.#store.foundTimestamp;
  }

  /**
   * Keeps a row; null deletes. False: there is nothing to forward, because a cache does that later or the row is older
   * than the history. A delete has no timestamp of its own where there is no history: its changelog record gets
   * `deletedAtMs`.
   */
  put(key: unknown, row: unknown, timestamp: number, deletedAtMs: number = timestamp): boolean {
    if (this.#versions === undefined) {
      this.#store.put(key, row, row === null ? deletedAtMs : timestamp);
      return !this.#isCached;
    }
    const outcome = this.#versions.putVersion(key, row, timestamp);
    this.isLatest = outcome === 'latest';
    return outcome !== 'expired';
  }
}
