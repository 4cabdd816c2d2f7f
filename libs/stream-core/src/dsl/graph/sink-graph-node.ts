import type { SinkNodeOptions } from '../../processor/sink-node.ts';
import type { TopologyGraph } from '../../topology/topology-graph.ts';
import { GraphNode } from './graph-node.ts';

/** `to()`. */
export class SinkGraphNode extends GraphNode {
  readonly #options: SinkNodeOptions;

  constructor(name: string, options: SinkNodeOptions) {
    super(name);
    this.#options = options;
  }

  override writeTo(topology: TopologyGraph): void {
    const { topic, key, value, partitionKey } = this.#options;
    topology.addSink({ name: this.name, parents: this.parentNames, topic, key, value, partitionKey });
  }
}
