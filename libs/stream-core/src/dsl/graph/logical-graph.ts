import { TopologyError } from '../../errors.ts';
import { TimestampHeap } from '../../internal/timestamp-heap.ts';
import { requireLegalName } from '../../topology/names.ts';
import { isSameReset } from '../../topology/offset-reset.ts';
import { TopologyGraph } from '../../topology/topology-graph.ts';
import { mergeRepartitionTopics } from './merge-repartition-topics.ts';
import { joinFromOneStore, reuseSourceTopics } from './optimizations.ts';
import type { Optimization } from './optimizations.ts';
import type { GraphNode } from './graph-node.ts';
import { RootNode } from './graph-node.ts';
import { RepartitionGraphNode } from './repartition-graph-node.ts';
import { StreamSourceGraphNode } from './source-graph-node.ts';

/** A store under a generated name. */
export interface UnnamedStore {
  readonly name: string;
  readonly loggingEnabled: boolean;
}

/**
 * The DSL calls of one builder, as a graph. It is kept apart from the topology because later calls change what earlier ones mean: sources on one topic
 * are merged, a join makes the table it reads keep its values, a left join lets records without a key through the repartition topics above it.
 */
export class LogicalGraph {
  readonly root = new RootNode();
  #number = 0;
  #priority = 0;
  readonly #copartitioned: ReadonlySet<string>[] = [];
  /** Stores of tables that were given no name, also those that nobody turned out to need. */
  readonly unnamedStores: UnnamedStore[] = [];

  /** Every call takes numbers in order, named or not, so that naming one operator renames no other. */
  newProcessorName(prefix: string): string {
    return `${prefix}${String(this.#number++).padStart(10, '0')}`;
  }

  newStoreName(prefix: string): string {
    return this.newProcessorName(`${prefix}STATE-STORE-`);
  }

  /** The given name, or a generated one; takes a number either way. */
  nameOr(name: string | undefined, prefix: string): string {
    const generated = this.newProcessorName(prefix);
    return name === undefined ? generated : requireLegalName(name);
  }

  /** As `nameOr`, with a suffix on the given name. */
  nameWithSuffixOr(name: string | undefined, suffix: string, prefix: string): string {
    return this.nameOr(name === undefined ? undefined : requireLegalName(name) + suffix, prefix);
  }

  add(child: GraphNode, ...parents: readonly GraphNode[]): void {
    for (const parent of parents) {
      parent.addChild(child);
      child.buildPriority = this.#priority++;
    }
  }

  /** Says that the topics of these sources need equal partition counts. */
  copartition(sources: ReadonlySet<string>): void {
    this.#copartitioned.push(sources);
  }

  /** Writes the graph into a new topology. Throws `TopologyError` for what cannot be. */
  build(optimizations: ReadonlySet<Optimization> = new Set()): TopologyGraph {
    const merged = this.#mergeDuplicateSources();
    if (optimizations.has('reuse.ktable.source.topics')) reuseSourceTopics(this.root);
    const repartitions = optimizations.has('merge.repartition.topics')
      ? mergeRepartitionTopics(this)
      : new Map<string, string>();
    if (optimizations.has('single.store.self.join')) joinFromOneStore(this.root);
    this.#letNullKeysThrough();
    const topology = new TopologyGraph();
    this.#write(topology);
    for (const sources of this.#copartitioned) {
      topology.addCopartitionGroup(
        [...sources].map((source) => merged.get(source) ?? repartitions.get(source) ?? source),
      );
    }
    return topology;
  }

  /** By the order of the calls, parents first. */
  #write(topology: TopologyGraph): void {
    const written = new Set<GraphNode>();
    const open = new TimestampHeap<GraphNode>();
    open.offer(this.root, -1);
    for (let node = open.poll(); node !== undefined; node = open.poll()) {
      if (written.has(node) || ![...node.parents].every((parent) => written.has(parent))) continue;
      node.writeTo(topology);
      written.add(node);
      for (const child of node.children) open.offer(child, child.buildPriority);
    }
  }

  /** `stream()` twice on one topic is one source with the children of both. Gives the names of the sources that went, with what replaces them. */
  #mergeDuplicateSources(): Map<string, string> {
    const byTopic = new Map<string, StreamSourceGraphNode>();
    const merged = new Map<string, string>();
    for (const node of this.root.children) {
      if (!(node instanceof StreamSourceGraphNode)) continue;
      const { topics } = node.reading;
      if (topics.length === 0) throw new TopologyError(`source ${node.name} reads no topic; allowed: at least one`);
      const present = topics.map((topic) => byTopic.get(topic)).find((source) => source !== undefined);
      if (present === undefined) {
        for (const topic of topics) byTopic.set(topic, node);
        continue;
      }
      if (!sameTopics(present.reading.topics, topics)) {
        throw new TopologyError(
          `two streams read overlapping but not equal topics: ${present.reading.topics.join(', ')} and ${topics.join(', ')}`,
        );
      }
      if (!isSameReset(present.reading.offsetReset, node.reading.offsetReset)) {
        throw new TopologyError(`two streams read ${topics.join(', ')} with different reset policies`);
      }
      for (const child of node.children) {
        node.removeChild(child);
        present.addChild(child);
      }
      this.root.removeChild(node);
      merged.set(node.name, present.name);
    }
    return merged;
  }

  #letNullKeysThrough(): void {
    const relaxed = new Map<GraphNode, boolean>();
    const visit = (node: GraphNode): boolean => {
      const known = relaxed.get(node);
      if (known !== undefined) return known;
      let any = false;
      for (const child of node.children) if (visit(child) || child.acceptsNullKeys) any = true;
      relaxed.set(node, any);
      if (node instanceof RepartitionGraphNode) node.keepsNullKeys = any;
      return any;
    };
    visit(this.root);
  }
}

function sameTopics(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((topic) => b.includes(topic));
}
