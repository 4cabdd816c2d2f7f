/** Which storages of an application cannot be reached now. What is not of a task, such as the connection at the start, has the empty name. */
export class StorageOutages {
  /** Tries that failed because the storage could not be reached; only grows. */
  failures = 0;
  /** By task, milliseconds since the epoch: at most one entry for each task that is here. */
  readonly #since = new Map<string, number>();

  /** A try of this task's has failed. */
  failed(task: string, nowMs: number): void {
    this.failures++;
    if (!this.#since.has(task)) this.#since.set(task, nowMs);
  }

  /** The task's storage has answered, or the task is gone. */
  ended(task: string): void {
    this.#since.delete(task);
  }

  /** Since when the task's storage cannot be reached; undefined: it can, or nobody has tried. */
  sinceMs(task: string): number | undefined {
    return this.#since.get(task);
  }

  /** Since when the first of those that are away now is; undefined: none is. */
  get firstSinceMs(): number | undefined {
    return this.#since.size === 0 ? undefined : Math.min(...this.#since.values());
  }
}
