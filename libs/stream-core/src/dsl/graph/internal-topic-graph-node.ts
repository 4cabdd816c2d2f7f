import type { SinkSpec } from '../../topology/node-spec.ts';
import type { TopologyGraph } from '../../topology/topology-graph.ts';
import { GraphNode } from './graph-node.ts';

/** Writes to a topic of the application's own, which another part of it reads. */
export class InternalTopicGraphNode extends GraphNode {
  readonly #sink: Omit<SinkSpec, 'kind' | 'name' | 'parents' | 'topic'> & { readonly topic: string };

  constructor(name: string, sink: Omit<SinkSpec, 'kind' | 'name' | 'parents' | 'topic'> & { readonly topic: string }) {
    super(name);
    this.#sink = sink;
  }

  override writeTo(topology: TopologyGraph): void {
    topology.addInternalTopic(this.#sink.topic, undefined);
    topology.addSink({ name: this.name, parents: this.parentNames, ...this.#sink });
  }
}
