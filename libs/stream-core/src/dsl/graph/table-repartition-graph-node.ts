import type { Serde } from '../../serde/serde.ts';
import type { TopologyGraph } from '../../topology/topology-graph.ts';
import { GraphNode } from './graph-node.ts';

/** The repartition step of a grouped table: changes, which never lack a key, through a topic of their own. Its name is the source's. */
export class TableRepartitionGraphNode extends GraphNode {
  readonly #sinkName: string;
  readonly #topic: string;
  readonly #key: Serde<unknown>;
  readonly #value: Serde<unknown>;

  constructor(
    sourceName: string,
    parts: {
      readonly sinkName: string;
      readonly topic: string;
      readonly key: Serde<unknown>;
      /** Of changes. */
      readonly value: Serde<unknown>;
    },
  ) {
    super(sourceName);
    this.#sinkName = parts.sinkName;
    this.#topic = parts.topic;
    this.#key = parts.key;
    this.#value = parts.value;
  }

  override writeTo(topology: TopologyGraph): void {
    const [topic, key, value] = [this.#topic, this.#key, this.#value];
    topology.addInternalTopic(topic, undefined);
    topology.addSink({ name: this.#sinkName, parents: this.parentNames, topic, key, value, partitionKey: undefined });
    topology.addSource({ name: this.name, topics: [topic], key, value, timestampExtractor: undefined });
  }
}
