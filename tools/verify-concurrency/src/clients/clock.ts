/** The end of a run, and pauses that end with it. */
export class RunClock {
  readonly #endsAt: number;
  readonly #now: () => number;

  constructor(endsAt: number, now: () => number = Date.now) {
    this.#endsAt = endsAt;
    this.#now = now;
  }

  get isOver(): boolean {
    return this.#now() >= this.#endsAt;
  }

  /** Resolves after so long, or at the end of the run. */
  pause(ms: number): Promise<void> {
    const left = Math.min(ms, this.#endsAt - this.#now());
    return new Promise((resolve) => setTimeout(resolve, Math.max(0, left)));
  }

  /** Resolves at the next of the moments that all devices of a run share: what they do then, they do at once. */
  gong(everyMs: number): Promise<void> {
    return this.pause(everyMs - (this.#now() % everyMs));
  }
}
