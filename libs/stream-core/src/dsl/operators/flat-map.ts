import { ProcessorNode } from '../../processor/processor-node.ts';
import type { FlatMapper, NamedOptions } from '../options.ts';
import type { StreamHandle } from '../stream-handle.ts';
import { attach } from './stateless.ts';

/** Replaces a record by any number of records. */
class FlatMapNode<K, V> extends ProcessorNode<K, V> {
  readonly #mapper: FlatMapper<K, V, unknown, unknown>;

  constructor(mapper: FlatMapper<K, V, unknown, unknown>) {
    super();
    this.#mapper = mapper;
  }

  override process(key: K, value: V, timestamp: number): void {
    for (const mapped of this.#mapper(value, key)) this.forward(mapped.key, mapped.value, timestamp);
  }
}

/** Attaches `flatMap`: a record for each pair that the mapper gives; a grouping or join below repartitions. */
export function flatMapStream<K, V>(
  stream: StreamHandle,
  mapper: FlatMapper<K, V, unknown, unknown>,
  { name }: NamedOptions,
): StreamHandle {
  const create = (): FlatMapNode<K, V> => new FlatMapNode(mapper);
  return attach(stream, { name, prefix: 'KSTREAM-FLATMAP-', create, changesKey: true, changesValue: true });
}
