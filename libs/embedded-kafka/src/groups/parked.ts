/**
 * A request that waits in the coordinator until someone answers it. Answered once; what comes later is ignored.
 * If its connection ends first, `onGone` is called and no one reads the answer any more.
 */
export class Parked<Response> {
  readonly #signal: AbortSignal;
  #onGone: (() => void) | null = null;
  #response: Response | undefined;
  #resolve: ((response: Response) => void) | null = null;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  get isAnswered(): boolean {
    return this.#response !== undefined;
  }

  answer(response: Response): void {
    if (this.isAnswered) return;
    this.#response = response;
    if (this.#onGone !== null) this.#signal.removeEventListener('abort', this.#onGone);
    this.#resolve?.(response);
  }

  /** The answer, now if there is one already. Call once, when the request has been handed to all who may answer it. */
  result(onGone: () => void): Response | Promise<Response> {
    if (this.#response !== undefined) return this.#response;
    if (this.#signal.aborted) queueMicrotask(onGone);
    else {
      this.#onGone = onGone;
      this.#signal.addEventListener('abort', onGone, { once: true });
    }
    return new Promise((resolve) => (this.#resolve = resolve));
  }
}
