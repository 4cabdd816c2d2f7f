import type { ProcessorNode } from '../../processor/processor-node.ts';
import type { StoreBuilder } from '../../state/store-builder.ts';
import type { TopologyGraph } from '../../topology/topology-graph.ts';
import { PassThroughNode } from '../operators/pass-through.ts';
import { GraphNode } from './graph-node.ts';

/** One side of a stream-stream join. */
export interface StreamJoinGraphSide {
  readonly name: string;
  readonly create: () => ProcessorNode;
  /** The graph node, written before this one, that keeps the side's records. */
  readonly window: GraphNode;
  readonly store: StoreBuilder;
}

/** What a stream-stream join is made of. */
export interface StreamJoinParts {
  readonly left: StreamJoinGraphSide;
  readonly right: StreamJoinGraphSide;
  /** Of left and outer joins. */
  readonly outerStore: StoreBuilder | undefined;
  /** Both sides from one store, for a stream that is joined with itself. */
  readonly createSelfJoin: () => ProcessorNode;
}

/** A stream-stream join: a processor a side, and one where their results meet. Its parents are the streams; the windows' nodes are written before. */
export class StreamJoinGraphNode extends GraphNode {
  readonly parts: StreamJoinParts;
  /** Set by the optimisation `single.store.self.join`: there is no right side. */
  isSelfJoin = false;

  constructor(name: string, parts: StreamJoinParts) {
    super(name);
    this.parts = parts;
  }

  override writeTo(topology: TopologyGraph): void {
    const { left, right, outerStore, createSelfJoin } = this.parts;
    if (this.isSelfJoin) {
      topology.addProcessor({ name: this.name, parents: [left.window.name], create: createSelfJoin });
      addStore(topology, left.store, left.window.name, this.name);
      return;
    }
    for (const { name, window, create } of [left, right]) {
      topology.addProcessor({ name, parents: [window.name], create });
    }
    topology.addProcessor({ name: this.name, parents: [left.name, right.name], create: () => new PassThroughNode() });
    addStore(topology, left.store, left.window.name, right.name);
    addStore(topology, right.store, right.window.name, left.name);
    if (outerStore !== undefined) addStore(topology, outerStore, left.name, right.name);
  }
}

function addStore(topology: TopologyGraph, builder: StoreBuilder, ...processors: readonly string[]): void {
  topology.addStore(builder);
  for (const processor of processors) topology.connect(processor, builder.name);
}
