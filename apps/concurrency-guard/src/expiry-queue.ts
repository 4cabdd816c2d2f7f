import type { SessionSchedule } from './session-schedule.ts';

/**
 * When each session is to be looked at next, earliest first: a binary heap. A session has one valid entry; scheduling it
 * earlier leaves the old entry in the heap, which is skipped when it comes up, and scheduling it later does nothing, so
 * that a beat costs nothing here: who takes a session from the queue looks whether it is really due.
 */
export class ExpiryQueue implements SessionSchedule {
  readonly #due = new Map<string, number>();
  readonly #heap: { readonly key: string; readonly dueMs: number }[] = [];

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
