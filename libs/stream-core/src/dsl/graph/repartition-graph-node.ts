import type { Serde } from '../../serde/serde.ts';
import type { TopologyGraph } from '../../topology/topology-graph.ts';
import { NullKeyFilterNode } from '../operators/null-key-filter.ts';
import { GraphNode } from './graph-node.ts';
import type { LogicalGraph } from './logical-graph.ts';

/** What a repartition step is made of. */
export interface RepartitionParts {
  readonly topic: string;
  readonly sinkName: string;
  readonly filterName: string;
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
  /** Undefined: follows from the co-partitioning rules. */
  readonly partitions: number | undefined;
  /** False: asked for by `repartition()`, so it is never merged with another. */
  readonly isOptimizable: boolean;
}

/** A repartition topic: filter and sink on the one side, a source (whose name is the node's) in a sub-topology of its own on the other. */
export class RepartitionGraphNode extends GraphNode {
  readonly parts: RepartitionParts;
  /** Set when a join downstream answers records without a key. */
  keepsNullKeys = false;

  constructor(sourceName: string, parts: RepartitionParts) {
    super(sourceName);
    this.parts = parts;
  }

  override writeTo(topology: TopologyGraph): void {
    const { topic, sinkName, filterName, key, value, partitions } = this.parts;
    const keepsNullKeys = this.keepsNullKeys;
    topology.addInternalTopic(topic, partitions);
    const create = (): NullKeyFilterNode => new NullKeyFilterNode(keepsNullKeys);
    topology.addProcessor({ name: filterName, parents: this.parentNames, create });
    topology.addSink({ name: sinkName, parents: [filterName], topic, key, value, partitionKey: undefined });
    topology.addSource({ name: this.name, topics: [topic], key, value, timestampExtractor: undefined });
  }
}

/** Generated prefixes keep generated names; names that a user gave are made into names of filter, sink and source. */
const GENERATED_PREFIX = /^KSTREAM.*-[0-9]{10}$/;
const TOPIC_SUFFIX = '-repartition';

/** Makes the repartition step of a call, taking three numbers whether they are used or not: topologies have to keep their names between versions. */
export function newRepartition(
  graph: LogicalGraph,
  prefix: string,
  parts: Pick<RepartitionParts, 'key' | 'value' | 'partitions' | 'isOptimizable'>,
): RepartitionGraphNode {
  const topic = prefix.endsWith(TOPIC_SUFFIX) ? prefix : `${prefix}${TOPIC_SUFFIX}`;
  const sinkName = graph.newProcessorName('KSTREAM-SINK-');
  const filterName = graph.newProcessorName('KSTREAM-FILTER-');
  const sourceName = graph.newProcessorName('KSTREAM-SOURCE-');
  if (GENERATED_PREFIX.test(prefix)) {
    return new RepartitionGraphNode(sourceName, { ...parts, topic, sinkName, filterName });
  }
  const named = { topic, sinkName: `${topic}-sink`, filterName: `${topic}-filter` };
  return new RepartitionGraphNode(`${topic}-source`, { ...parts, ...named });
}
