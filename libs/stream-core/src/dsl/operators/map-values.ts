import { ProcessorNode } from '../../processor/processor-node.ts';
import type { NamedOptions, ValueMapper } from '../options.ts';
import type { StreamHandle } from '../stream-handle.ts';
import { attach } from './stateless.ts';

/** Replaces the value. */
class MapValuesNode<K, V> extends ProcessorNode<K, V> {
  readonly #mapper: ValueMapper<K, V, unknown>;

  constructor(mapper: ValueMapper<K, V, unknown>) {
    super();
    this.#mapper = mapper;
  }

  override process(key: K, value: V, timestamp: number): void {
    this.forward(key, this.#mapper(value, key), timestamp);
  }
}

/** Attaches `mapValues`: the key stays, so that nothing below repartitions for it. */
export function mapStreamValues<K, V>(
  stream: StreamHandle,
  mapper: ValueMapper<K, V, unknown>,
  { name }: NamedOptions,
): StreamHandle {
  const create = (): MapValuesNode<K, V> => new MapValuesNode(mapper);
  return attach(stream, { name, prefix: 'KSTREAM-MAPVALUES-', create, changesValue: true });
}
