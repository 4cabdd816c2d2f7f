import type { Clock } from './clock.ts';

/**
 * Expires when nothing was heard for a time. Being heard of only moves a number: the timer underneath is set anew when it
 * fires early, so a heartbeat costs no timer.
 */
export class SessionTimer {
  readonly #clock: Clock;
  readonly #onExpired: () => void;
  #timeoutMs: number;
  #deadline: number;
  #cancel: (() => void) | null = null;

  /** Starts to run at once. */
  constructor(clock: Clock, timeoutMs: number, onExpired: () => void) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#onExpired = onExpired;
    this.#deadline = clock.now() + timeoutMs;
    this.#arm();
  }

  /** The whole time again from now, paused or not; with another timeout from now on if one is given. */
  touch(timeoutMs: number = this.#timeoutMs): void {
    const isShorter = timeoutMs < this.#timeoutMs;
    this.#timeoutMs = timeoutMs;
    this.#deadline = this.#clock.now() + timeoutMs;
    if (isShorter) this.stop();
    if (this.#cancel === null) this.#arm();
  }

  /** Does not expire until it is touched. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #arm(): void {
    this.#cancel = this.#clock.after(this.#deadline - this.#clock.now(), () => {
      this.#cancel = null;
      if (this.#clock.now() < this.#deadline) this.#arm();
      else this.#onExpired();
    });
  }
}
