import type { ProcessorNode } from '../../processor/processor-node.ts';
import type { StoreBuilder } from '../../state/store-builder.ts';
import type { TopologyGraph } from '../../topology/topology-graph.ts';
import { GraphNode } from './graph-node.ts';

/** One side of a table-table join. */
export interface TableJoinGraphSide {
  readonly name: string;
  /** The topology node of the table. */
  readonly parent: string;
  readonly create: () => ProcessorNode;
  /** The stores through which the other table is read. */
  readonly otherStores: readonly string[];
}

/** A join of two tables on their key: a processor a side, and one where their results meet and are kept, if they are. */
export class TableJoinGraphNode extends GraphNode {
  readonly #sides: readonly TableJoinGraphSide[];
  readonly #create: () => ProcessorNode;
  readonly #store: StoreBuilder | undefined;

  constructor(
    name: string,
    parts: { sides: readonly TableJoinGraphSide[]; create: () => ProcessorNode; store: StoreBuilder | undefined },
  ) {
    super(name);
    this.#sides = parts.sides;
    this.#create = parts.create;
    this.#store = parts.store;
  }

  override writeTo(topology: TopologyGraph): void {
    const sides = this.#sides;
    for (const { name, parent, create } of sides) topology.addProcessor({ name, parents: [parent], create });
    topology.addProcessor({ name: this.name, parents: sides.map(({ name }) => name), create: this.#create });
    for (const { name, otherStores } of sides) for (const store of otherStores) topology.connect(name, store);
    if (this.#store === undefined) return;
    topology.addStore(this.#store);
    topology.connect(this.name, this.#store.name);
  }
}
