import { ProcessorNode } from '../../processor/processor-node.ts';
import type { FlatValueMapper, NamedOptions } from '../options.ts';
import type { StreamHandle } from '../stream-handle.ts';
import { attach } from './stateless.ts';

/** Replaces a record by any number of records under the same key. */
class FlatMapValuesNode<K, V> extends ProcessorNode<K, V> {
  readonly #mapper: FlatValueMapper<K, V, unknown>;

  constructor(mapper: FlatValueMapper<K, V, unknown>) {
    super();
    this.#mapper = mapper;
  }

  override process(key: K, value: V, timestamp: number): void {
    for (const mapped of this.#mapper(value, key)) this.forward(key, mapped, timestamp);
  }
}

/** Attaches `flatMapValues`: a record for each value that the mapper gives, under the same key. */
export function flatMapStreamValues<K, V>(
  stream: StreamHandle,
  mapper: FlatValueMapper<K, V, unknown>,
  { name }: NamedOptions,
): StreamHandle {
  const create = (): FlatMapValuesNode<K, V> => new FlatMapValuesNode(mapper);
  return attach(stream, { name, prefix: 'KSTREAM-FLATMAPVALUES-', create, changesValue: true });
}
