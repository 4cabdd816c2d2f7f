/** A timer for a sending turn, which may be moved forward but not back. */
export class LingerTimer {
  readonly #run: () => void;
  #timeout: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  /** The delay that it was set with; infinite: it is not set. */
  delayMs = Number.POSITIVE_INFINITY;

  constructor(run: () => void) {
    this.#run = run;
  }

  /** Unless it is set with a delay that is not longer. At 0 in the event loop's next turn, so that the present one may add more. */
  set(delayMs: number): void {
    if (this.delayMs <= delayMs) return;
    this.clear();
    this.delayMs = delayMs;
    if (delayMs > 0) this.#timeout = setTimeout(() => this.#fire(), delayMs);
    else this.#immediate = setImmediate(() => this.#fire());
  }

  clear(): void {
    clearTimeout(this.#timeout);
    clearImmediate(this.#immediate);
    this.#timeout = undefined;
    this.#immediate = undefined;
    this.delayMs = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    this.clear();
    this.#run();
  }
}
