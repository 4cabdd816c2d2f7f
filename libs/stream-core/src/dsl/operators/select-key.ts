import { ProcessorNode } from '../../processor/processor-node.ts';
import type { KeySelector, NamedOptions } from '../options.ts';
import type { StreamHandle } from '../stream-handle.ts';
import { attach } from './stateless.ts';

/** Replaces the key. */
class SelectKeyNode<K, V> extends ProcessorNode<K, V> {
  readonly #selector: KeySelector<K, V, unknown>;

  constructor(selector: KeySelector<K, V, unknown>) {
    super();
    this.#selector = selector;
  }

  override process(key: K, value: V, timestamp: number): void {
    this.forward(this.#selector(value, key), value, timestamp);
  }
}

/** Attaches `selectKey`: the key changes, so that a grouping or join below repartitions. */
export function selectStreamKey<K, V>(
  stream: StreamHandle,
  selector: KeySelector<K, V, unknown>,
  { name }: NamedOptions,
): StreamHandle {
  const create = (): SelectKeyNode<K, V> => new SelectKeyNode(selector);
  return attach(stream, { name, prefix: 'KSTREAM-KEY-SELECT-', create, changesKey: true });
}
