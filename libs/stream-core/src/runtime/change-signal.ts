/** Tells everyone who waits that something changed. */
export class ChangeSignal {
  #wake: () => void = () => {};
  #promise: Promise<void> | undefined;

  /** Resolves at the next `fire`. */
  next(): Promise<void> {
    this.#promise ??= new Promise((resolve) => {
      this.#wake = resolve;
    });
    return this.#promise;
  }

  fire(): void {
    if (this.#promise === undefined) return;
    this.#promise = undefined;
    this.#wake();
  }
}
