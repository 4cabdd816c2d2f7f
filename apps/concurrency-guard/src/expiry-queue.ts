import type { SessionSchedule } from './session-schedule.ts';

/** Entries that are skipped, beyond as many as are valid. */
const MAX_SPARE_ENTRIES = 1_000;

/**
 * When each session is to be looked at next, earliest first: a binary heap. A session has one valid entry; scheduling it
 * earlier leaves the old entry in the heap, which is skipped when it comes up, and scheduling it later does nothing, so
 * that a beat costs nothing here: who takes a session from the queue looks whether it is really due. Once `schedule` has
 * returned, the entries to skip are no more than the valid ones and a thousand: with more the heap is made anew. Sessions
 * that are taken or forgotten leave theirs until then.
 *
 * Some 200 bytes a session. It is not kept: a task makes it from its store when it starts.
 */
export class ExpiryQueue implements SessionSchedule {
  readonly #due = new Map<string, number>();
  #heap: { readonly key: string; readonly dueMs: number }[] = [];

  /** Entries, those that will be skipped included. */
  get entries(): number {
    return this.#heap.length;
  }

  /** Sessions with a time. */
  get size(): number {
    return this.#due.size;
  }

  /** Sees to it that the session comes up at `dueMs` or earlier. */
  schedule(key: string, dueMs: number): void {
    const known = this.#due.get(key);
    if (known !== undefined && known <= dueMs) {
      return;
    }
    this.#due.set(key, dueMs);
    this.#heap.push({ key, dueMs });
    this.#rise(this.#heap.length - 1);
    if (this.#heap.length > 2 * this.#due.size + MAX_SPARE_ENTRIES) this.#tidy();
  }

  /** Its entry in the heap is skipped when it comes up. */
  forget(key: string): void {
    this.#due.delete(key);
  }

  *due(nowMs: number): Generator<string> {
    for (let key = this.take(nowMs); key !== undefined; key = this.take(nowMs)) yield key;
  }

  /** Takes the session that comes up first, if its time has come by `nowMs`. */
  take(nowMs: number): string | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.dueMs > nowMs) {
        return undefined;
      }
      this.#removeFirst();
      if (this.#due.get(first.key) === first.dueMs) {
        this.#due.delete(first.key);
        return first.key;
      }
    }
  }

  /** A session that ended and went on again and again leaves an entry each time, due a day later. A sorted list is a heap. */
  #tidy(): void {
    this.#heap = [...this.#due].map(([key, dueMs]) => ({ key, dueMs })).sort((a, b) => a.dueMs - b.dueMs);
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
      if (this.#dueAt(parent) <= this.#dueAt(at)) {
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
      const smaller = this.#dueAt(left + 1) < this.#dueAt(left) ? left + 1 : left;
      if (this.#dueAt(smaller) >= this.#dueAt(at)) {
        return;
      }
      this.#swap(at, smaller);
      at = smaller;
    }
  }

  #dueAt(index: number): number {
    return this.#heap[index]?.dueMs ?? Infinity;
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (first !== undefined && second !== undefined) {
      this.#heap[a] = second;
      this.#heap[b] = first;
    }
  }
}
