const EVERY_MS = 60_000;

/** Says when a line of what may happen often is due: at the first time, and then once a minute at most. */
export class LogThrottle {
  readonly #monotonicMs: () => number;
  #times = 0;
  #dueAt = Number.NEGATIVE_INFINITY;

  constructor(options: { readonly monotonicMs: () => number }) {
    this.#monotonicMs = options.monotonicMs;
  }

  /** It has happened: how many times since the last line when one is due, else undefined. */
  happened(): number | undefined {
    this.#times++;
    const now = this.#monotonicMs();
    if (now < this.#dueAt) return undefined;
    const times = this.#times;
    this.#times = 0;
    this.#dueAt = now + EVERY_MS;
    return times;
  }
}
