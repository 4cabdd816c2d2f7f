import type { TimeWindows, UnlimitedWindows } from '../windows.ts';
import { WindowedNode } from './windowed-node.ts';
import type { WindowedNodeParts } from './windowed-node.ts';

/**
 * Keeps one aggregate per key and time window. Records without a key are dropped, those without a value are aggregated. A window whose end is at or before the node's time minus the grace
 * takes no more records, and each one so refused counts.
 */
export class TimeWindowAggregateNode extends WindowedNode {
  readonly #windows: TimeWindows | UnlimitedWindows;

  constructor(windows: TimeWindows | UnlimitedWindows, parts: WindowedNodeParts) {
    super(parts, windows.sizeMs);
    this.#windows = windows;
  }

  override process(key: unknown, value: unknown, timestamp: number): void {
    if (key === null) {
      this.context.drop('null-key');
      return;
    }
    const { sizeMs, advanceMs, graceMs } = this.#windows;
    const closeMs = this.observe(timestamp, graceMs);
    for (let start = this.#windows.firstStart(timestamp); start <= timestamp; start += advanceMs) {
      if (start + sizeMs > closeMs) this.#update(key, value, timestamp, start);
      else this.context.drop('late-record');
    }
  }

  protected override lastClosedStart(closeMs: number): number {
    return closeMs - this.#windows.sizeMs;
  }

  protected override hasStartWithin(fromMs: number, toMs: number): boolean {
    const { advanceMs } = this.#windows;
    return advanceMs === Infinity || toMs - (toMs % advanceMs) >= fromMs;
  }

  #update(key: unknown, value: unknown, timestamp: number, startMs: number): void {
    const { initializer, aggregator } = this.aggregation;
    const { store } = this;
    let oldAggregate = store.fetch(key, startMs);
    let newTimestamp = timestamp;
    let newAggregate: unknown;
    if (oldAggregate !== null) {
      newTimestamp = Math.max(timestamp, store.foundTimestamp);
      newAggregate = aggregator(oldAggregate, value, key);
    } else if (initializer === undefined) {
      newAggregate = value;
    } else {
      oldAggregate = initializer();
      newAggregate = aggregator(oldAggregate, value, key);
    }
    // A delete has no timestamp of its own: its changelog record gets the record's.
    store.put(key, newAggregate, startMs, newAggregate === null ? timestamp : newTimestamp);
    this.forwardUpdate(key, startMs, newAggregate, oldAggregate, newTimestamp);
  }
}
