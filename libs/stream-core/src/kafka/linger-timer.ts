/** One timer for a producer: the next sending turn, which may be moved forward but not back. */
export class LingerTimer {
  readonly #run: () => void;
  #timeout: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;

  constructor(run: () => void) {
    this.#run = run;
  }

  get isSet(): boolean {
    return this.#timeout !== undefined || this.#immediate !== undefined;
  }

  /** At 0 in the event loop's next turn, so that the present one may add more. */
  set(delayMs: number): void {
    if (this.#immediate !== undefined || (this.#timeout !== undefined && delayMs > 0)) return;
    this.clear();
    if (delayMs > 0) this.#timeout = setTimeout(() => this.#fire(), delayMs);
    else this.#immediate = setImmediate(() => this.#fire());
  }

  clear(): void {
    clearTimeout(this.#timeout);
    clearImmediate(this.#immediate);
    this.#timeout = undefined;
    this.#immediate = undefined;
  }

  #fire(): void {
    this.clear();
    this.#run();
  }
}
