import { Splitter } from './operators/branch.ts';
import type { KStream } from './k-stream.ts';
import type { NamedOptions, Predicate, ValuePredicate } from './options.ts';
import type { StreamHandle } from './stream-handle.ts';

/** A stream being split. Branches are asked in the order they were added. */
export class BranchedKStream<K, V> {
  readonly #splitter: Splitter;
  readonly #wrap: (handle: StreamHandle) => KStream<K, V>;

  constructor(stream: StreamHandle, { name }: NamedOptions, wrap: (handle: StreamHandle) => KStream<K, V>) {
    this.#splitter = new Splitter(stream, name);
    this.#wrap = wrap;
  }

  /** Records that no earlier branch took and that the predicate accepts. The branch is named prefix and `name`, or prefix and its number from 1. One that accepts no null gives a branch of values only. */
  branch(predicate: ValuePredicate<K, V>, options?: NamedOptions): KStream<K, NonNullable<V>>;
  /** As above, for any other predicate. */
  branch(predicate: Predicate<K, V>, options?: NamedOptions): KStream<K, V>;
  branch(predicate: Predicate<K, V>, { name }: NamedOptions = {}): KStream<K, V> | KStream<K, NonNullable<V>> {
    return this.#wrap(this.#splitter.branch(predicate as Predicate<unknown, unknown>, name));
  }

  /** What no branch took; to be called last. Without it those records are left out. */
  defaultBranch({ name }: NamedOptions = {}): KStream<K, V> {
    return this.#wrap(this.#splitter.defaultBranch(name));
  }
}
