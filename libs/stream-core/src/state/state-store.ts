import type { Headers } from '../processor/headers.ts';
import type { DropReason } from '../processor/drop-reason.ts';

/** How a store is kept apart from others: what its queries and its changelog look like. `internal`: an operator's own, which nobody can query. */
export type StoreKind = 'key-value' | 'window' | 'session' | 'suppress-buffer' | 'internal';

/** What a store is given when its task opens it. */
export interface StoreContext {
  /** `<sub-topology>_<partition>`. */
  readonly taskId: string;
  /** Takes the changes; undefined where logging is off and while restoring. */
  readonly changelog: ChangelogWriter | undefined;
  /** Takes what a versioned store knows of a key whenever that changes, in bytes; null: nothing any more. Its changelog alone does not say what it has forgotten or refused. */
  readonly histories?: ChangelogWriter | undefined;
  /** A store that refuses an expired entry says so here. */
  readonly countDropped: (reason: DropReason) => void;
  /** The record or punctuation in progress: the timestamp for a `put` that names none. */
  readonly record: { readonly timestamp: number; readonly headers: Headers };
  /** True in the test driver: values are frozen when they are stored, so that changing one in place fails a test. */
  readonly freezeValues: boolean;
}

/** For `ChangelogWriter.log`: the producer's time. */
export const PRODUCERS_TIME = -1;

/** Takes a store's changes in their binary form. Synchronous; the bytes are copied before the call returns. */
export interface ChangelogWriter {
  /** `timestamp` may be `PRODUCERS_TIME`. */
  log(key: Uint8Array, value: Uint8Array | null, timestamp: number, headers?: Headers): void;
}

/**
 * What the runtime sees of every store. Its life: `init` → `restore`… → reads and writes → `flush` at each commit → `close`.
 * A store belongs to one task and is only used from its thread.
 */
export interface StateStore {
  readonly name: string;
  readonly kind: StoreKind;
  /** True: its content outlives the process, so only newer changes have to be restored. */
  readonly persistent: boolean;
  init(context: StoreContext): void;
  /** Applies one changelog record in offset order; null deletes. Throws `SerdeError` for bytes that are no entry of this store and `PendingCodecError` when a codec has to load something first: apply the same record again then. The bytes are valid during the call only. */
  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void;
  /** Makes everything written so far durable and, for a cache, forwards it downstream. */
  flush(): void;
  close(): void;
  /** Number of entries (for a window store, of windows and keys), exact for memory, estimated elsewhere. */
  readonly approximateEntries: number;
}
