/**
 * How long a member may take its place for its own without asking. A process that stood still for longer than its session was replaced meanwhile and does not know it yet: what it has not sent belongs
 * to nobody any more. Without transactions no broker refuses it, and an old changelog record behind the successor's newer one would be what the next restore finds.
 */
export class SessionLease {
  readonly #sessionTimeoutMs: number;
  #endMs = Number.POSITIVE_INFINITY;

  constructor(sessionTimeoutMs: number) {
    this.#sessionTimeoutMs = sessionTimeoutMs;
  }

  /** The coordinator has answered what was sent at `sentMs` (`performance.now()`): it waits for the next sign of life until a session after that at least. */
  extend(sentMs: number): void {
    this.#endMs = sentMs + this.#sessionTimeoutMs;
  }

  /** The coordinator holds a join of this member, and expels nobody whose join it holds. A lease that is over stays so. */
  extendWhileHeld(): void {
    if (!this.isOver) this.extend(performance.now());
  }

  get isOver(): boolean {
    return performance.now() >= this.#endMs;
  }
}
