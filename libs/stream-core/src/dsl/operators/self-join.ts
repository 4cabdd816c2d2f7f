import { ProcessorNode } from '../../processor/processor-node.ts';
import type { TaskContext } from '../../processor/task-context.ts';
import type { JoinStore } from '../../state/join-store.ts';
import type { JoinWindows } from '../join-windows.ts';
import type { ValueJoiner } from '../options.ts';

/** A stream joined with itself from one store: first the record as the left one, then as the right one, and with itself where its time comes among them, which is the order of two stores. */
export class SelfJoinNode extends ProcessorNode {
  readonly #storeName: string;
  readonly #windows: JoinWindows;
  readonly #joiner: ValueJoiner<unknown, unknown, unknown, unknown>;
  #store!: JoinStore<unknown, unknown>;
  #streamTimeMs = -1;

  constructor(storeName: string, windows: JoinWindows, joiner: ValueJoiner<unknown, unknown, unknown, unknown>) {
    super();
    this.#storeName = storeName;
    this.#windows = windows;
    this.#joiner = joiner;
  }

  override init(context: TaskContext): void {
    super.init(context);
    this.#store = context.store(this.#storeName) as JoinStore<unknown, unknown>;
  }

  override process(key: unknown, value: unknown, timestamp: number): void {
    if (key === null || value === null) {
      this.context.drop(value === null ? 'null-value' : 'null-key');
      return;
    }
    const { beforeMs, afterMs } = this.#windows;
    const joiner = this.#joiner;
    const store = this.#store;
    const later = store.find(key, Math.max(0, timestamp - beforeMs), Math.max(0, timestamp + afterMs));
    for (let i = 0; i < later; i++) {
      this.forward(key, joiner(value, store.foundValue(i), key), Math.max(timestamp, store.foundTimestamp(i)));
    }
    if (timestamp > this.#streamTimeMs) this.#streamTimeMs = timestamp;
    // Two stores would not have kept a record that is too old.
    let isJoinedWithItself = timestamp <= this.#streamTimeMs - store.retentionMs + 1;
    const earlier = store.find(key, Math.max(0, timestamp - afterMs), Math.max(0, timestamp + beforeMs));
    for (let i = 0; i < earlier; i++) {
      const otherTimestamp = store.foundTimestamp(i);
      if (otherTimestamp > timestamp && !isJoinedWithItself) {
        isJoinedWithItself = true;
        this.forward(key, joiner(value, value, key), timestamp);
      }
      this.forward(key, joiner(store.foundValue(i), value, key), Math.max(timestamp, otherTimestamp));
    }
    if (!isJoinedWithItself) this.forward(key, joiner(value, value, key), timestamp);
  }
}
