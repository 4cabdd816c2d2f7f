/** A lead that was not seen again for so long is forgotten. */
const REMEMBERED_MS = 10 * 60_000;

/**
 * How far the clock of some other gateway is ahead of ours. A decision's time is the greatest received time that any
 * gateway gave to a record of its partition; if that lies in our future, its gateway's clock is ahead of ours by at least
 * as much (or ours is behind).
 */
export class ClockSkew {
  readonly #now: () => number;
  #leadMs = 0;
  #seenAt = 0;

  constructor({ now }: { readonly now: () => number }) {
    this.#now = now;
  }

  /** A decision with this time has arrived. */
  observe(decidedTime: number): void {
    const now = this.#now();
    const leadMs = decidedTime - now;
    if (leadMs < this.leadMs) return;
    this.#leadMs = Math.max(0, leadMs);
    this.#seenAt = now;
  }

  /** The greatest lead of the last ten minutes, milliseconds. */
  get leadMs(): number {
    return this.#now() - this.#seenAt > REMEMBERED_MS ? 0 : this.#leadMs;
  }
}
