import { ProcessorNode } from '../../processor/processor-node.ts';

/** In front of a repartition topic: records without a key have no partition and are left out silently, unless a join downstream answers them. */
export class NullKeyFilterNode extends ProcessorNode {
  readonly #keepsNullKeys: boolean;

  constructor(keepsNullKeys: boolean) {
    super();
    this.#keepsNullKeys = keepsNullKeys;
  }

  override process(key: unknown, value: unknown, timestamp: number): void {
    if (key !== null || this.#keepsNullKeys) this.forward(key, value, timestamp);
  }
}
