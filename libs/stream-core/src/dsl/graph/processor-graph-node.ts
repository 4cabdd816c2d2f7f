import type { ProcessorNode } from '../../processor/processor-node.ts';
import type { StoreBuilder } from '../../state/store-builder.ts';
import type { TopologyGraph } from '../../topology/topology-graph.ts';
import { GraphNode } from './graph-node.ts';

/** What a processor is made of. */
export interface ProcessorParts {
  readonly create: () => ProcessorNode;
  /** Stores of other nodes that it reads or writes; those given by their builders are added if nobody has. */
  readonly connectedStores?: readonly (string | StoreBuilder)[] | undefined;
  /** A store of its own. Asked when the topology is written: until then another call may still make a table keep its values. */
  readonly ownStore?: (() => StoreBuilder | undefined) | undefined;
}

/** One call, one processor. */
export class ProcessorGraphNode extends GraphNode {
  readonly #parts: ProcessorParts;

  constructor(name: string, parts: ProcessorParts) {
    super(name);
    this.#parts = parts;
  }

  override writeTo(topology: TopologyGraph): void {
    const { create, connectedStores = [], ownStore } = this.#parts;
    topology.addProcessor({ name: this.name, parents: this.parentNames, create });
    const builder = ownStore?.();
    if (builder !== undefined) {
      topology.addStore(builder);
      topology.connect(this.name, builder.name);
    }
    for (const store of connectedStores) {
      if (typeof store === 'object') topology.addStore(store);
      topology.connect(this.name, typeof store === 'object' ? store.name : store);
    }
  }
}
