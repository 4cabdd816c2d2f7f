import { javaHashOrder } from '../internal/java-hash-order.ts';
import { JavaTreeOrder } from '../internal/java-tree-order.ts';
import type { NodeSpec } from './node-spec.ts';
import type { TopologyGraph } from './topology-graph.ts';

/** A node in a description: `size` is 1 plus the sizes of its successors, and decides the order. */
class DescribedNode {
  readonly spec: NodeSpec;
  readonly predecessors = new JavaTreeOrder<DescribedNode>(compareNodes);
  readonly successors = new JavaTreeOrder<DescribedNode>(compareNodes);
  size = 1;

  constructor(spec: NodeSpec) {
    this.spec = spec;
  }

  grow(by: number): void {
    this.size += by;
    for (const predecessor of this.predecessors.values()) predecessor.grow(by);
  }
}

/** Greater sub-trees first, then by name. */
function compareNodes(a: DescribedNode, b: DescribedNode): number {
  if (a === b) return 0;
  if (a.size !== b.size) return b.size - a.size;
  return a.spec.name < b.spec.name ? -1 : 1;
}

/** The text of Kafka Streams' `Topology#describe`. */
export function describeTopology(graph: TopologyGraph): string {
  const globals = new Map([...graph.globalStores.values()].map((spec) => [spec.source, spec]));
  const parts = graph.nodeGroups().map((names, id) => {
    const global = names.map((name) => globals.get(name)).find((spec) => spec !== undefined);
    if (global === undefined) return describeSubtopology(graph, id, names);
    const { source, processor, topic, builder } = global;
    return (
      `Sub-topology: ${id} for global store (will not generate tasks)\n` +
      `    Source: ${source} (topics: [${topic}])\n      --> ${processor}\n` +
      `    Processor: ${processor} (stores: [${builder.name}])\n      --> none\n      <-- ${source}\n`
    );
  });
  return `Topologies:\n ${parts.map((part) => `  ${part}`).join('')}`;
}

function describeSubtopology(graph: TopologyGraph, id: number, names: readonly string[]): string {
  const nodes = new Map<string, DescribedNode>();
  // The original walks a hash map filled from a hash set; neighbours are sorted by sizes as they are at that moment.
  for (const name of javaHashOrder(javaHashOrder(names))) {
    nodes.set(name, new DescribedNode(graph.nodes.get(name) as NodeSpec));
  }
  for (const node of nodes.values()) {
    for (const parent of node.spec.parents) {
      const predecessor = nodes.get(parent) as DescribedNode;
      node.predecessors.add(predecessor);
      predecessor.successors.add(node);
      predecessor.grow(node.size);
    }
  }
  const sorted = [...nodes.values()].sort(compareNodes);
  return `Sub-topology: ${id}\n${sorted.map((node) => `    ${describeNode(node)}\n`).join('')}\n`;
}

function describeNode({ spec, successors, predecessors }: DescribedNode): string {
  const to = `\n      --> ${namesOf(successors)}`;
  const from = `\n      <-- ${namesOf(predecessors)}`;
  if (spec.kind === 'source') return `Source: ${spec.name} (topics: [${javaHashOrder(spec.topics).join(', ')}])${to}`;
  if (spec.kind === 'sink') {
    const topic = typeof spec.topic === 'string' ? `topic: ${spec.topic}` : `extractor class: ${spec.topic.name}`;
    return `Sink: ${spec.name} (${topic})${from}`;
  }
  return `Processor: ${spec.name} (stores: [${javaHashOrder(spec.stores).join(', ')}])${to}${from}`;
}

function namesOf(nodes: JavaTreeOrder<DescribedNode>): string {
  return (
    nodes
      .values()
      .map((node) => node.spec.name)
      .join(', ') || 'none'
  );
}
