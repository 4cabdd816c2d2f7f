import { ProcessorNode } from '../../processor/processor-node.ts';
import type { NamedOptions, Predicate } from '../options.ts';
import type { StreamHandle } from '../stream-handle.ts';
import { attach } from './stateless.ts';

/** Passes records that the predicate accepts (or, negated, that it does not). Records without a value reach the predicate too. */
export class FilterNode<K, V> extends ProcessorNode<K, V> {
  readonly #predicate: Predicate<K, V>;
  readonly #accepted: boolean;

  constructor(predicate: Predicate<K, V>, negated: boolean) {
    super();
    this.#predicate = predicate;
    this.#accepted = !negated;
  }

  override process(key: K, value: V, timestamp: number): void {
    if (this.#predicate(value, key) === this.#accepted) this.forward(key, value, timestamp);
  }
}

/** Attaches `filter` or `filterNot`: key and value stay as they are. */
export function filterStream<K, V>(
  stream: StreamHandle,
  predicate: Predicate<K, V>,
  negated: boolean,
  { name }: NamedOptions,
): StreamHandle {
  return attach(stream, { name, prefix: 'KSTREAM-FILTER-', create: () => new FilterNode(predicate, negated) });
}
