/** Writes that were sent and not answered yet. */
export class InFlight {
  readonly #sentAt = new Map<symbol, number>();
  #next = Promise.withResolvers<void>();

  /** Notes a write for as long as it takes. */
  async during<T>(write: () => Promise<T>): Promise<T> {
    const id = Symbol('write');
    const result = write();
    this.#sentAt.set(id, performance.now());
    this.#next.resolve();
    this.#next = Promise.withResolvers();
    try {
      return await result;
    } finally {
      this.#sentAt.delete(id);
    }
  }

  /** Resolves when the next write has just been sent. */
  next(): Promise<void> {
    return this.#next.promise;
  }

  /** How long ago the youngest unanswered write was sent; Infinity without any. */
  youngestAgeMs(): number {
    return performance.now() - Math.max(-Infinity, ...this.#sentAt.values());
  }
}
