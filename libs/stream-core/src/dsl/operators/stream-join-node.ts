import { ProcessorNode } from '../../processor/processor-node.ts';
import { NO_ORIGIN, withOrigin } from '../../processor/record-origin.ts';
import type { TaskContext } from '../../processor/task-context.ts';
import type { JoinStore } from '../../state/join-store.ts';
import type { OuterJoinStore, UnmatchedRecords } from '../../state/outer-join-store.ts';
import type { JoinWindows } from '../join-windows.ts';
import type { ValueJoiner } from '../options.ts';

/** What both sides of a join in one task know of its time. */
export class JoinTime {
  /** Greatest timestamp that reached either side. */
  streamTimeMs = -1;
  /** From when on unmatched records are looked for; Infinity: not known, or there is none. */
  earliestMs = Infinity;
}

/** What a side of a join is made of. */
export interface StreamJoinSide {
  readonly isLeft: boolean;
  readonly windows: JoinWindows;
  readonly joiner: ValueJoiner<unknown, unknown, unknown, unknown>;
  /** Records of this side are answered alone when they find no partner. */
  readonly isPreserved: boolean;
  readonly otherStoreName: string;
  /** Undefined: an inner join. */
  readonly outerStoreName: string | undefined;
  /** The same for both sides of one task. */
  readonly timeOf: (context: TaskContext) => JoinTime;
}

/**
 * One side of a stream-stream join: finds the other side's records within the window. What finds none and is to be answered alone waits in a store shared with the
 * other side, until the stream time of both says that nothing can come any more; only a later record can bring that about. A join's result has the later timestamp of the two.
 */
export class StreamJoinNode extends ProcessorNode {
  readonly #side: StreamJoinSide;
  readonly #beforeMs: number;
  readonly #afterMs: number;
  #time!: JoinTime;
  #others!: JoinStore<unknown, unknown>;
  #unmatched: OuterJoinStore<unknown, unknown> | undefined;

  constructor(side: StreamJoinSide) {
    super();
    const { beforeMs, afterMs } = side.windows;
    this.#side = side;
    this.#beforeMs = side.isLeft ? beforeMs : afterMs;
    this.#afterMs = side.isLeft ? afterMs : beforeMs;
  }

  override init(context: TaskContext): void {
    super.init(context);
    const { otherStoreName, outerStoreName, timeOf } = this.#side;
    this.#time = timeOf(context);
    this.#others = context.store(otherStoreName) as JoinStore<unknown, unknown>;
    if (outerStoreName !== undefined) {
      this.#unmatched = context.store(outerStoreName) as OuterJoinStore<unknown, unknown>;
    }
  }

  override process(key: unknown, value: unknown, timestamp: number): void {
    const time = this.#time;
    const { isPreserved, isLeft } = this.#side;
    if (timestamp > time.streamTimeMs) time.streamTimeMs = timestamp;
    if (key === null || value === null) {
      if (isPreserved && value !== null) this.#answer(key, value, null, timestamp);
      else this.context.drop(value === null ? 'null-value' : 'null-key');
      return;
    }
    const unmatched = this.#unmatched;
    if (unmatched !== undefined && timestamp === time.streamTimeMs) this.#answerExpired(unmatched, timestamp);
    const lastMs = Math.max(0, timestamp + this.#afterMs);
    const others = this.#others;
    const found = others.find(key, Math.max(0, timestamp - this.#beforeMs), lastMs);
    for (let i = 0; i < found; i++) {
      const otherTimestamp = others.foundTimestamp(i);
      unmatched?.remove(key, otherTimestamp, !isLeft, timestamp);
      this.#answer(key, value, others.foundValue(i), Math.max(timestamp, otherTimestamp));
    }
    if (found > 0 || !isPreserved) return;
    if (unmatched === undefined || lastMs < time.streamTimeMs) {
      this.#answer(key, value, null, timestamp);
      return;
    }
    if (timestamp < time.earliestMs) time.earliestMs = timestamp;
    unmatched.add(key, value, timestamp, isLeft);
  }

  #answer(key: unknown, value: unknown, other: unknown, timestamp: number): void {
    const { joiner, isLeft } = this.#side;
    this.forward(key, isLeft ? joiner(value, other, key) : joiner(other, value, key), timestamp);
  }

  /** Answers what can find no partner any more, the earliest first. Stops when records of both sides still can. */
  #answerExpired(unmatched: OuterJoinStore<unknown, unknown>, recordTimestamp: number): void {
    const time = this.#time;
    const { windows } = this.#side;
    const { graceMs } = windows;
    // Looks at this side's window only, as the original does.
    if (time.earliestMs !== Infinity && time.earliestMs + this.#afterMs + graceMs >= time.streamTimeMs) return;
    time.earliestMs = Infinity;
    let isLeftOpen = false;
    let isRightOpen = false;
    for (const entry of unmatched.entries()) {
      if (entry.values.length === 0) continue;
      // Of the last one looked at, as in the original: earlier ones that are still open wait for it.
      time.earliestMs = entry.timestamp;
      if (isLeftOpen && isRightOpen) break;
      const afterMs = entry.isLeft ? windows.afterMs : windows.beforeMs;
      if (entry.timestamp + afterMs + graceMs >= time.streamTimeMs) {
        if (entry.isLeft) isLeftOpen = true;
        else isRightOpen = true;
        continue;
      }
      this.#answerAlone(entry);
      unmatched.remove(entry.key, entry.timestamp, entry.isLeft, recordTimestamp);
    }
  }

  #answerAlone({ key, values, timestamp, isLeft }: UnmatchedRecords<unknown, unknown>): void {
    const { joiner } = this.#side;
    for (const value of values) {
      try {
        this.forward(key, isLeft ? joiner(value, null, key) : joiner(null, value, key), timestamp);
      } catch (error) {
        // Of a record that waited, not of the one in progress, which is still to be joined.
        withOrigin(this.context.record, NO_ORIGIN, () => this.context.handleError(this, error));
      }
    }
  }
}
