import { ProcessorNode } from '../../processor/processor-node.ts';
import type { TaskContext } from '../../processor/task-context.ts';
import { Windowed } from '../../serde/windowed.ts';
import { forwardsOnFlush } from '../../state/caching-store.ts';
import type { WindowStore } from '../../state/window-store.ts';
import type { Aggregation } from './aggregate.ts';

/** What every node that keeps one aggregate per key and window is made of. */
export interface WindowedNodeParts {
  readonly storeName: string;
  readonly aggregation: Aggregation;
  readonly sendOldValues: boolean;
  /** Sends each window once, when it closes, instead of every update. */
  readonly emitsOnClose: boolean;
}

/**
 * The common part of time and sliding windows: the node's own time, and what goes downstream. Windows that close are sent before the record that closes them is stored, so the store
 * cannot have forgotten them, however far ahead the record is.
 */
export abstract class WindowedNode extends ProcessorNode {
  protected readonly aggregation: Aggregation;
  protected store!: WindowStore<unknown, unknown>;
  readonly #storeName: string;
  readonly #sendOldValues: boolean;
  readonly #emitsOnClose: boolean;
  /** From a window's start to the end that its key says. */
  readonly #lengthMs: number;
  #isCached = false;
  #observedMs = -1;
  #closedUpToMs = -1;

  constructor({ storeName, aggregation, sendOldValues, emitsOnClose }: WindowedNodeParts, lengthMs: number) {
    super();
    this.aggregation = aggregation;
    this.#storeName = storeName;
    this.#sendOldValues = sendOldValues;
    this.#emitsOnClose = emitsOnClose;
    this.#lengthMs = lengthMs;
  }

  override init(context: TaskContext): void {
    super.init(context);
    this.store = context.store(this.#storeName) as WindowStore<unknown, unknown>;
    this.#closedUpToMs = context.closedUpToMs(this.#storeName);
    this.#isCached = forwardsOnFlush(this.store, this.#sendOldValues, (key, newValue, oldValue, timestamp) =>
      this.forwardChange(key, newValue, oldValue, timestamp, true),
    );
  }

  /** Moves the node's time, the greatest timestamp that reached it, and sends what closes by it. Gives the time minus the grace. */
  protected observe(timestamp: number, graceMs: number): number {
    if (timestamp > this.#observedMs) this.#observedMs = timestamp;
    const closeMs = this.#observedMs - graceMs;
    if (this.#emitsOnClose && closeMs > this.#closedUpToMs) this.#emitClosed(closeMs);
    return closeMs;
  }

  /** The greatest start of a window that is closed at this time; below 0: none can be. */
  protected abstract lastClosedStart(closeMs: number): number;

  /** Whether a window can start within the bounds (inclusive): time advances with nearly every record, windows that start at few times close with few. */
  protected hasStartWithin(_fromMs: number, _toMs: number): boolean {
    return true;
  }

  protected forwardUpdate(
    key: unknown,
    startMs: number,
    newAggregate: unknown,
    oldAggregate: unknown,
    timestamp: number,
  ): void {
    if (this.#isCached || this.#emitsOnClose || this.children.length === 0) return;
    const windowed = new Windowed(key, startMs, startMs + this.#lengthMs);
    this.forwardChange(windowed, newAggregate, this.#sendOldValues ? oldAggregate : null, timestamp, true);
  }

  #emitClosed(closeMs: number): void {
    const toMs = this.lastClosedStart(closeMs);
    if (toMs < 0) return;
    const fromMs = this.#closedUpToMs < 0 ? 0 : Math.max(0, this.lastClosedStart(this.#closedUpToMs) + 1);
    if (this.hasStartWithin(fromMs, toMs)) {
      for (const { key, windowStartMs, value, timestamp } of this.store.all({ fromMs, toMs })) {
        const windowed = new Windowed(key, windowStartMs, windowStartMs + this.#lengthMs);
        this.forwardChange(windowed, value, null, timestamp, true);
      }
    }
    this.#closedUpToMs = closeMs;
    this.context.setClosedUpToMs(this.#storeName, closeMs);
  }
}
