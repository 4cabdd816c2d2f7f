import type { TopologyGraph } from '../../topology/topology-graph.ts';

/** A node of the logical graph: what one DSL call means, before it becomes nodes of a topology. */
export abstract class GraphNode {
  readonly name: string;
  readonly parents = new Set<GraphNode>();
  readonly children = new Set<GraphNode>();
  /** Position among all calls; decides the order of writing. */
  buildPriority = -1;
  /** Records leave it under another key, so what needs the key has to repartition first. */
  changesKey = false;
  changesValue = false;
  isMerge = false;
  /** A left or outer join that answers records without a key: repartition topics upstream must let them through (KIP-962). */
  acceptsNullKeys = false;
  /** Of windowed aggregations: how long after its end a window may still change, milliseconds. Operators downstream ask for it. */
  windowGraceMs: number | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** The topology nodes that its children are attached to. */
  get parentNames(): string[] {
    return [...this.parents].map(({ name }) => name);
  }

  addChild(child: GraphNode): void {
    this.children.add(child);
    child.parents.add(this);
  }

  removeChild(child: GraphNode): void {
    this.children.delete(child);
    child.parents.delete(this);
  }

  abstract writeTo(topology: TopologyGraph): void;
}

/** Where every source hangs. */
export class RootNode extends GraphNode {
  constructor() {
    super('root');
  }

  override writeTo(): void {}
}
