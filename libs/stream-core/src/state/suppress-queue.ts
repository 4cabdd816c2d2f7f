/** What a queue sorts by. */
interface Queued {
  readonly timeMs: number;
  readonly order: string;
}

/** A binary heap by time, then by `order`. */
export class SuppressQueue<T extends Queued> {
  readonly #heap: T[] = [];

  get first(): T | undefined {
    return this.#heap[0];
  }

  offer(element: T): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(element);
    while (at > 0) {
      const parentAt = (at - 1) >>> 1;
      const parent = heap[parentAt] as T;
      if (!isBefore(element, parent)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = element;
  }

  /** Takes the first element out. */
  poll(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1] as T, heap[child] as T)) child++;
      if (!isBefore(heap[child] as T, last)) break;
      heap[at] = heap[child] as T;
      at = child;
    }
    heap[at] = last;
  }

  clear(): void {
    this.#heap.length = 0;
  }
}

function isBefore(a: Queued, b: Queued): boolean {
  return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.order < b.order);
}
