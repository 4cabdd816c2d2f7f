import type { SessionSchedule } from './session-schedule.ts';

/** Entries that are skipped, beyond as many as are valid. */
const MAX_SPARE_ENTRIES = 1_000;

interface Entry {
  readonly key: string;
  /** Its place in the heap. */
  heapMs: number;
  /** When the session is due: then or later. */
  dueMs: number;
}

/**
 * When each session is to be looked at next, earliest first: a binary heap. A session has one valid entry. A later time
 * is written beside it, so that a beat costs next to nothing, and the entry finds its new place when it comes up; an
 * earlier one makes a new entry, and the old one is skipped when it comes up. Once `schedule` has returned, the entries to
 * skip are no more than the valid ones and a thousand: with more the heap is made anew. Sessions that are taken or
 * forgotten leave theirs until then.
 *
 * Some 200 bytes a session. It is not kept: a task makes it from its store when it starts.
 */
export class ExpiryQueue implements SessionSchedule {
  readonly #due = new Map<string, Entry>();
  #heap: Entry[] = [];

  /** Entries, those that will be skipped included. */
  get entries(): number {
    return this.#heap.length;
  }

  /** Sessions with a time. */
  get size(): number {
    return this.#due.size;
  }

  /** The session comes up at `dueMs`. */
  schedule(key: string, dueMs: number): void {
    const known = this.#due.get(key);
    if (known !== undefined && known.heapMs <= dueMs) {
      known.dueMs = dueMs;
      return;
    }
    const entry = { key, heapMs: dueMs, dueMs };
    this.#due.set(key, entry);
    this.#push(entry);
    if (this.#heap.length > 2 * this.#due.size + MAX_SPARE_ENTRIES) this.#tidy();
  }

  /** Its entry in the heap is skipped when it comes up. */
  forget(key: string): void {
    this.#due.delete(key);
  }

  *due(nowMs: number, maxLooks: number): Generator<string> {
    for (let looks = 0; looks < maxLooks; looks++) {
      const first = this.#heap[0];
      if (first === undefined || first.heapMs > nowMs) return;
      this.#removeFirst();
      if (this.#due.get(first.key) !== first) continue;
      if (first.dueMs === first.heapMs) {
        this.#due.delete(first.key);
        yield first.key;
      } else {
        first.heapMs = first.dueMs;
        this.#push(first);
      }
    }
  }

  /** A session that ended and went on again and again leaves an entry each time, due a day later. A sorted list is a heap. */
  #tidy(): void {
    this.#heap = [...this.#due.values()].sort((a, b) => a.heapMs - b.heapMs);
  }

  #push(entry: Entry): void {
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
  }

  #rise(index: number): void {
    let at = index;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#placeAt(parent) <= this.#placeAt(at)) {
        return;
      }
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(index: number): void {
    let at = index;
    for (;;) {
      const left = 2 * at + 1;
      const smaller = this.#placeAt(left + 1) < this.#placeAt(left) ? left + 1 : left;
      if (this.#placeAt(smaller) >= this.#placeAt(at)) {
        return;
      }
      this.#swap(at, smaller);
      at = smaller;
    }
  }

  #placeAt(index: number): number {
    return this.#heap[index]?.heapMs ?? Infinity;
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (first !== undefined && second !== undefined) {
      this.#heap[a] = second;
      this.#heap[b] = first;
    }
  }
}
