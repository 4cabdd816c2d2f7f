/** Begins what waited for a slot, which is taken until the promise settles; undefined when nobody wants it any more. It does not reject. */
export type Start = () => Promise<void> | undefined;

interface Lane {
  waiting: Start[];
  taken: number;
}

/**
 * So many at a time, shared fairly by targets: a slot that is free goes to who has the fewest of those that wait, in
 * turn. One that never answers takes what nobody else wants, and as its slots come free no more than its share. Within a
 * target they are taken in order.
 */
export class FairSlots {
  readonly #max: number;
  /** In the order of their last start, or of coming. */
  readonly #lanes = new Map<string, Lane>();
  #taken = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Calls `start` when it has a slot, at once if one is free. */
  enter(target: string, start: Start): void {
    const lane = this.#lanes.get(target) ?? { waiting: [], taken: 0 };
    lane.waiting.push(start);
    this.#lanes.set(target, lane);
    this.#fill();
  }

  #fill(): void {
    while (this.#taken < this.#max) {
      const target = this.#next();
      if (target === undefined) return;
      this.#startIn(target);
    }
  }

  #next(): string | undefined {
    let next: string | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const [target, { waiting, taken }] of this.#lanes) {
      if (waiting.length === 0 || taken >= fewest) continue;
      next = target;
      fewest = taken;
    }
    return next;
  }

  #startIn(target: string): void {
    const lane = this.#lanes.get(target)!;
    const started = lane.waiting.shift()!();
    if (started === undefined) {
      this.#leave(target, lane);
      return;
    }
    lane.taken++;
    this.#taken++;
    this.#lanes.delete(target);
    this.#lanes.set(target, lane);
    void started.then(() => {
      lane.taken--;
      this.#taken--;
      this.#leave(target, lane);
      this.#fill();
    });
  }

  #leave(target: string, lane: Lane): void {
    if (lane.waiting.length === 0 && lane.taken === 0) this.#lanes.delete(target);
  }
}
