import type { SlidingWindows } from '../windows.ts';
import { WindowedNode } from './windowed-node.ts';
import type { WindowedNodeParts } from './windowed-node.ts';

/**
 * Keeps one aggregate per key and sliding window [start, start + difference]. Windows are made as records need them: the one that ends at a record, and the one that starts right after it once a
 * later record falls into it. A window's stored timestamp is its latest record's, which says where the window to the right of that record starts. Records without a key or value are dropped.
 */
export class SlidingWindowAggregateNode extends WindowedNode {
  readonly #differenceMs: number;
  readonly #graceMs: number;
  /** Starts of the windows seen for the present record. */
  readonly #starts: number[] = [];
  /** Timestamp of the record before the present one; -1: none was found. */
  #previousMs = -1;
  /** What the window to the right of the present record would start with, and its latest record. */
  #right: unknown = null;
  #rightTimestamp = -1;
  #hasRightWindow = false;
  /** What the window that ends at the present record would start with. */
  #left: unknown = null;

  constructor({ timeDifferenceMs, graceMs }: SlidingWindows, parts: WindowedNodeParts) {
    super(parts, timeDifferenceMs);
    this.#differenceMs = timeDifferenceMs;
    this.#graceMs = graceMs;
  }

  override process(key: unknown, value: unknown, timestamp: number): void {
    if (key === null || value === null) {
      this.context.drop(key === null ? 'null-key' : 'null-value');
      return;
    }
    const closeMs = this.observe(timestamp, this.#graceMs);
    if (timestamp + this.#differenceMs < closeMs) {
      this.context.drop('late-record');
      return;
    }
    this.#starts.length = 0;
    this.#previousMs = -1;
    this.#right = null;
    this.#hasRightWindow = false;
    this.#left = null;
    if (timestamp < this.#differenceMs) this.#processEarly(key, value, timestamp, closeMs);
    else this.#processInBothDirections(key, value, timestamp, closeMs);
  }

  protected override lastClosedStart(closeMs: number): number {
    return closeMs - this.#differenceMs - 1;
  }

  #processInBothDirections(key: unknown, value: unknown, timestamp: number, closeMs: number): void {
    const hasLeftWindow = this.#updateExisting(key, value, timestamp, closeMs);
    // Another record of the same timestamp was here: every window it needs exists.
    if (hasLeftWindow === 'complete') return;
    const differenceMs = this.#differenceMs;
    const previousMs = this.#previousMs;
    const previousStart = previousMs + 1;
    if (previousMs >= 0 && !this.#starts.includes(previousStart) && previousStart + differenceMs >= timestamp) {
      this.#update(key, value, timestamp, closeMs, previousStart, this.#first(), timestamp);
    }
    if (!hasLeftWindow) {
      const startMs = timestamp - differenceMs;
      const isShared = previousMs >= 0 && startMs <= previousMs;
      this.#update(key, value, timestamp, closeMs, startMs, isShared ? this.#left : this.#first(), timestamp);
    }
    this.#createRightWindow(key, timestamp);
  }

  /** Updates the windows that hold the record, newest first, and finds its neighbours. Gives whether the window that ends at it exists. */
  #updateExisting(key: unknown, value: unknown, timestamp: number, closeMs: number): boolean | 'complete' {
    const range = { fromMs: Math.max(0, timestamp - 2 * this.#differenceMs), toMs: timestamp + 1, reverse: true };
    let hasLeftWindow = false;
    for (const window of this.store.fetchRange(key, range)) {
      const startMs = window.windowStartMs;
      const endMs = startMs + this.#differenceMs;
      const { value: aggregate, timestamp: latestMs } = window;
      this.#starts.push(startMs);
      if (startMs === timestamp + 1) {
        this.#hasRightWindow = true;
      } else if (endMs > timestamp) {
        if (this.#right === null) this.#keepRight(aggregate, latestMs);
        this.#update(key, value, timestamp, closeMs, startMs, aggregate, latestMs);
      } else if (endMs === timestamp) {
        this.#update(key, value, timestamp, closeMs, startMs, aggregate, latestMs);
        if (latestMs >= timestamp) return 'complete';
        this.#previousMs = latestMs;
        hasLeftWindow = true;
      } else {
        this.#left = aggregate;
        this.#previousMs = latestMs;
        break;
      }
    }
    return hasLeftWindow;
  }

  /** Before `difference` there are no windows to the left: all such records share the one from 0 on. */
  #processEarly(key: unknown, value: unknown, timestamp: number, closeMs: number): void {
    let combined: unknown = null;
    let combinedTimestamp = timestamp;
    for (const window of this.store.fetchRange(key, { fromMs: 0, toMs: timestamp + 1 })) {
      const startMs = window.windowStartMs;
      this.#starts.push(startMs);
      if (startMs === 0) {
        combined = window.value;
        combinedTimestamp = window.timestamp;
        if (combinedTimestamp < timestamp) this.#previousMs = combinedTimestamp;
      } else if (startMs <= timestamp) {
        this.#keepRight(window.value, window.timestamp);
        this.#update(key, value, timestamp, closeMs, startMs, window.value, window.timestamp);
      } else {
        this.#hasRightWindow = true;
      }
    }
    // No window between: what the shared one holds beyond the record are exactly the records to its right.
    if (this.#right === null && combined !== null && combinedTimestamp > timestamp) {
      this.#keepRight(combined, combinedTimestamp);
    }
    this.#createRightWindow(key, timestamp);
    if (this.#previousMs >= 0 && !this.#starts.includes(this.#previousMs + 1)) {
      this.#update(key, value, timestamp, closeMs, this.#previousMs + 1, this.#first(), timestamp);
    }
    this.#update(key, value, timestamp, closeMs, 0, combined ?? this.#first(), combinedTimestamp);
  }

  #keepRight(aggregate: unknown, latestMs: number): void {
    this.#right = aggregate;
    this.#rightTimestamp = latestMs;
  }

  /** The window right after the record, when later records are known; it holds them already, but not this one. */
  #createRightWindow(key: unknown, timestamp: number): void {
    if (this.#hasRightWindow || this.#right === null || this.#rightTimestamp <= timestamp) return;
    this.store.put(key, this.#right, timestamp + 1, this.#rightTimestamp);
    this.forwardUpdate(key, timestamp + 1, this.#right, null, this.#rightTimestamp);
  }

  #first(): unknown {
    return this.aggregation.initializer?.() ?? null;
  }

  #update(
    key: unknown,
    value: unknown,
    timestamp: number,
    closeMs: number,
    startMs: number,
    oldAggregate: unknown,
    latestMs: number,
  ): void {
    if (startMs + this.#differenceMs < closeMs) {
      this.context.drop('late-record');
      return;
    }
    const { initializer, aggregator } = this.aggregation;
    const isFirst = initializer === undefined && oldAggregate === null;
    const newAggregate = isFirst ? value : aggregator(oldAggregate, value, key);
    const newTimestamp = oldAggregate === null ? timestamp : Math.max(timestamp, latestMs);
    this.store.put(key, newAggregate, startMs, newAggregate === null ? timestamp : newTimestamp);
    this.forwardUpdate(key, startMs, newAggregate, oldAggregate, newTimestamp);
  }
}
