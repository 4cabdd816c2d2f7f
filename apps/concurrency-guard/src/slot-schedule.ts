import type { SessionSchedule } from './session-schedule.ts';

/** Times are kept in these. */
const UNIT_MS = 100;
/** Times may be earlier than the first one by so many units (10 years), and later by a third of that; beyond it they are taken for those. */
const BEFORE = 3_155_760_000;
const LATEST = 2 ** 32 - 1;
/** Slot without a time. */
const NONE = LATEST;
/** Part of the slots that one call looks at; at least `MIN_LOOKS`. */
const PARTS = 10;
const MIN_LOOKS = 4096;
const SLOT_GROWTH = 1.2;

/** What gives keys slots: a `SlottedKeyValueStore`. */
export interface Slots {
  slotOf(key: string): number;
  keyAt(slot: number): string | undefined;
}

/**
 * A time for each slot of a store, four bytes a session. A call looks at a tenth of the slots, so no tick scans all: a
 * session comes up within ten ticks of its time. To renew a lease is to write its new time over the old one.
 */
export class SlotSchedule implements SessionSchedule {
  readonly #slots: Slots;
  #times = new Uint32Array(MIN_LOOKS).fill(NONE);
  #baseMs: number | undefined;
  #cursor = 0;

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  /** Bytes that it needs. */
  get bytes(): number {
    return this.#times.byteLength;
  }

  schedule(key: string, dueMs: number): void {
    const slot = this.#slots.slotOf(key);
    if (slot < 0) throw new RangeError(`session ${key} is not in the store, so it has no slot`);
    if (slot >= this.#times.length) this.#lengthen(slot + 1);
    this.#times[slot] = Math.ceil(this.#unitsAt(dueMs));
  }

  forget(key: string): void {
    const slot = this.#slots.slotOf(key);
    if (slot >= 0) this.#times[slot] = NONE;
  }

  *due(nowMs: number, maxLooks: number): Generator<string> {
    const now = Math.floor(this.#unitsAt(nowMs));
    const looks = Math.min(this.#times.length, Math.max(MIN_LOOKS, Math.ceil(this.#times.length / PARTS)));
    let taken = 0;
    for (let look = 0; look < looks && taken < maxLooks; look++) {
      const slot = this.#cursor;
      this.#cursor = (slot + 1) % this.#times.length;
      if ((this.#times[slot] as number) > now) continue;
      this.#times[slot] = NONE;
      const key = this.#slots.keyAt(slot);
      if (key === undefined) continue;
      taken++;
      yield key;
    }
  }

  /** With a fraction: times are rounded up and the present down, so that none comes up early. */
  #unitsAt(ms: number): number {
    this.#baseMs ??= ms - BEFORE * UNIT_MS;
    return Math.min(NONE - 1, Math.max(0, (ms - this.#baseMs) / UNIT_MS));
  }

  #lengthen(slots: number): void {
    const longer = new Uint32Array(Math.ceil(slots * SLOT_GROWTH)).fill(NONE);
    longer.set(this.#times);
    this.#times = longer;
  }
}
