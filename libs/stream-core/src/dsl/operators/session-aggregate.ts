import { ProcessorNode } from '../../processor/processor-node.ts';
import { NO_HEADERS } from '../../processor/headers.ts';
import type { TaskContext } from '../../processor/task-context.ts';
import { Windowed } from '../../serde/windowed.ts';
import { forwardsOnFlush } from '../../state/caching-store.ts';
import type { SessionStore } from '../../state/session-store.ts';
import type { Merger } from '../options.ts';
import type { SessionWindows } from '../windows.ts';
import type { Aggregation } from './aggregate.ts';

/** What is computed of sessions. */
export interface SessionAggregation extends Aggregation {
  readonly merger: Merger<unknown, unknown>;
}

/** What a session node is made of. */
export interface SessionNodeParts {
  readonly storeName: string;
  readonly aggregation: SessionAggregation;
  readonly sendOldValues: boolean;
  /** Sends each session once, when it closes, instead of every update. */
  readonly emitsOnClose: boolean;
}

/**
 * Keeps one aggregate per key and session. A record and all sessions within the gap of it become one: the initial value, then the sessions by end, then the record. The sessions that it
 * replaces are deleted downstream. A session whose end lies more than gap and grace before the node's time takes no more records. Records without a key are dropped, those without a value are
 * aggregated. A session's timestamp is its end.
 */
export class SessionAggregateNode extends ProcessorNode {
  readonly #gapMs: number;
  readonly #graceMs: number;
  readonly #parts: SessionNodeParts;
  #store!: SessionStore<unknown, unknown>;
  #isCached = false;
  #observedMs = -1;
  #closedUpToMs = -1;

  constructor({ inactivityGapMs, graceMs }: SessionWindows, parts: SessionNodeParts) {
    super();
    this.#gapMs = inactivityGapMs;
    this.#graceMs = graceMs;
    this.#parts = parts;
  }

  override init(context: TaskContext): void {
    super.init(context);
    const { storeName, sendOldValues } = this.#parts;
    this.#store = context.store(storeName) as SessionStore<unknown, unknown>;
    this.#closedUpToMs = context.closedUpToMs(storeName);
    // A cache keeps the headers of a session's last record.
    this.#isCached = forwardsOnFlush(this.#store, sendOldValues, (key, newValue, oldValue, timestamp) =>
      this.forwardChange(key, newValue, oldValue, timestamp, true),
    );
  }

  override process(key: unknown, value: unknown, timestamp: number): void {
    if (key === null) {
      this.context.drop('null-key');
      return;
    }
    if (timestamp > this.#observedMs) this.#observedMs = timestamp;
    const closeMs = this.#observedMs - this.#graceMs - this.#gapMs;
    // Before the record is stored: it may make the store forget what it closes.
    if (this.#parts.emitsOnClose && closeMs > this.#closedUpToMs) this.#emitClosed(closeMs);
    this.#merge(key, value, timestamp, closeMs);
  }

  #merge(key: unknown, value: unknown, timestamp: number, closeMs: number): void {
    const { initializer, aggregator, merger } = this.#parts.aggregation;
    const sessions = this.#store.findSessions(key, timestamp - this.#gapMs, timestamp + this.#gapMs);
    let startMs = timestamp;
    let endMs = timestamp;
    let aggregate: unknown = initializer === undefined ? null : initializer();
    for (const session of sessions) {
      aggregate = merger(aggregate, session.value, key);
      startMs = Math.min(startMs, session.startMs);
      endMs = Math.max(endMs, session.endMs);
    }
    if (endMs < closeMs) {
      this.context.drop('late-record');
      return;
    }
    if (startMs !== timestamp || endMs !== timestamp) {
      for (const session of sessions) {
        this.#store.remove(key, session.startMs, session.endMs, timestamp);
        this.#forwardUpdate(key, session.startMs, session.endMs, null, session.value);
      }
    }
    const isFirst = aggregate === null && initializer === undefined;
    aggregate = isFirst ? value : aggregator(aggregate, value, key);
    this.#store.put(key, aggregate, startMs, endMs, timestamp);
    this.#forwardUpdate(key, startMs, endMs, aggregate, null);
  }

  /** Without the headers of the record: a session is of many. */
  #forwardUpdate(key: unknown, startMs: number, endMs: number, newAggregate: unknown, oldAggregate: unknown): void {
    const { sendOldValues, emitsOnClose } = this.#parts;
    if (this.#isCached || emitsOnClose || this.children.length === 0) return;
    const { record } = this.context;
    const { headers } = record;
    record.headers = NO_HEADERS;
    const windowed = new Windowed(key, startMs, endMs);
    this.forwardChange(windowed, newAggregate, sendOldValues ? oldAggregate : null, endMs, true);
    record.headers = headers;
  }

  #emitClosed(closeMs: number): void {
    if (closeMs <= 0) return;
    const range = { fromMs: Math.max(0, this.#closedUpToMs), toMs: closeMs - 1 };
    for (const { key, startMs, endMs, value } of this.#store.all(range)) {
      this.forwardChange(new Windowed(key, startMs, endMs), value, null, endMs, true);
    }
    this.#closedUpToMs = closeMs;
    this.context.setClosedUpToMs(this.#parts.storeName, closeMs);
  }
}
