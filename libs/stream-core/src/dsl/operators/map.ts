import { ProcessorNode } from '../../processor/processor-node.ts';
import type { KeyValueMapper, NamedOptions } from '../options.ts';
import type { StreamHandle } from '../stream-handle.ts';
import { attach } from './stateless.ts';

/** Replaces key and value. */
class MapNode<K, V> extends ProcessorNode<K, V> {
  readonly #mapper: KeyValueMapper<K, V, unknown, unknown>;

  constructor(mapper: KeyValueMapper<K, V, unknown, unknown>) {
    super();
    this.#mapper = mapper;
  }

  override process(key: K, value: V, timestamp: number): void {
    const mapped = this.#mapper(value, key);
    this.forward(mapped.key, mapped.value, timestamp);
  }
}

/** Attaches `map`: key and value may change, so that a grouping or join below repartitions. */
export function mapStream<K, V>(
  stream: StreamHandle,
  mapper: KeyValueMapper<K, V, unknown, unknown>,
  { name }: NamedOptions,
): StreamHandle {
  const create = (): MapNode<K, V> => new MapNode(mapper);
  return attach(stream, { name, prefix: 'KSTREAM-MAP-', create, changesKey: true, changesValue: true });
}
