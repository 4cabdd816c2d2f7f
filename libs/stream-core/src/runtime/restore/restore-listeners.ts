import type { RestoreProgress } from './restore-progress.ts';

/**
 * What a restore is told by: `started` before the first record, `progress` after each batch of records, then `finished`,
 * or `abandoned` when its task leaves or the restore fails.
 */
export interface RestoreEvent extends RestoreProgress {
  readonly kind: 'started' | 'progress' | 'finished' | 'abandoned';
}

/** Called synchronously between two batches of a restore: what takes long here makes the restore longer. */
export type RestoreListener = (event: RestoreEvent) => void;

/** Who is told of restores. */
export class RestoreListeners {
  readonly #listeners = new Set<RestoreListener>();
  readonly #onError: (error: unknown) => void;

  /** `onError` takes what a listener throws. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Gives the function that removes it. */
  add(listener: RestoreListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(kind: RestoreEvent['kind'], progress: () => RestoreProgress): void {
    if (this.#listeners.size === 0) return;
    const event = { ...progress(), kind };
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
