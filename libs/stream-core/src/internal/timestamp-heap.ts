/**
 * The binary heap of java.util.PriorityQueue, ordered by a timestamp taken when the element is offered. It decides in which order records of equal timestamps and due
 * punctuators are taken, so it has to sift exactly as Java does: an element passes its parent only when it is strictly smaller, and of two equal children the left one moves up.
 */
export class TimestampHeap<T> {
  readonly #elements: T[] = [];
  readonly #timestamps: number[] = [];

  get size(): number {
    return this.#elements.length;
  }

  /** Timestamp of the first element; Infinity when empty. */
  get firstTimestamp(): number {
    return this.#timestamps[0] ?? Infinity;
  }

  /** The first element without taking it. */
  get first(): T | undefined {
    return this.#elements[0];
  }

  offer(element: T, timestamp: number): void {
    let at = this.#elements.length;
    this.#elements.push(element);
    this.#timestamps.push(timestamp);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const parentTimestamp = this.#timestamps[parent] as number;
      if (parentTimestamp <= timestamp) break;
      this.#elements[at] = this.#elements[parent] as T;
      this.#timestamps[at] = parentTimestamp;
      at = parent;
    }
    this.#elements[at] = element;
    this.#timestamps[at] = timestamp;
  }

  /** Takes the first element; undefined when empty. */
  poll(): T | undefined {
    const first = this.#elements[0];
    const last = this.#elements.pop();
    const lastTimestamp = this.#timestamps.pop();
    if (this.#elements.length > 0) this.#siftDown(last as T, lastTimestamp as number);
    return first;
  }

  clear(): void {
    this.#elements.length = 0;
    this.#timestamps.length = 0;
  }

  #siftDown(element: T, timestamp: number): void {
    const size = this.#elements.length;
    const half = size >>> 1;
    let at = 0;
    while (at < half) {
      let child = 2 * at + 1;
      let childTimestamp = this.#timestamps[child] as number;
      const right = child + 1;
      if (right < size && childTimestamp > (this.#timestamps[right] as number)) {
        child = right;
        childTimestamp = this.#timestamps[right] as number;
      }
      if (timestamp <= childTimestamp) break;
      this.#elements[at] = this.#elements[child] as T;
      this.#timestamps[at] = childTimestamp;
      at = child;
    }
    this.#elements[at] = element;
    this.#timestamps[at] = timestamp;
  }
}
