import { StreamsError } from '../../errors.ts';
import type { ProcessorNode } from '../../processor/processor-node.ts';
import { ProcessorApiNode } from '../../processor/processor-api-node.ts';
import { SinkNode } from '../../processor/sink-node.ts';
import { SourceNode } from '../../processor/source-node.ts';
import type { NodeSpec, SourceSpec } from '../../topology/node-spec.ts';
import type { TopologyGraph } from '../../topology/topology-graph.ts';

/** A source of a task with its description. */
export interface TaskSource {
  readonly spec: SourceSpec;
  readonly node: SourceNode;
}

/** The nodes of one task. */
export interface TaskGraph {
  /** Parents before children: the order of initialisation. */
  readonly nodes: readonly ProcessorNode[];
  readonly sources: readonly TaskSource[];
}

/** Makes and wires the nodes of a task; every task has its own. */
export function buildTaskGraph(graph: TopologyGraph, names: readonly string[]): TaskGraph {
  const wanted = new Set(names);
  const nodes = new Map<string, ProcessorNode>();
  const sources: TaskSource[] = [];
  for (const spec of graph.nodes.values()) {
    if (!wanted.has(spec.name)) continue;
    const node = makeNode(spec);
    node.name = spec.name;
    nodes.set(spec.name, node);
    if (spec.kind === 'source') sources.push({ spec, node });
    for (const parent of spec.parents) nodes.get(parent)?.children.push(node);
  }
  return { nodes: [...nodes.values()], sources };
}

function makeNode(spec: NodeSpec): ProcessorNode {
  if (spec.kind === 'source') return new SourceNode();
  if (spec.kind === 'sink') return new SinkNode(spec);
  const node = spec.create();
  if (node instanceof ProcessorApiNode) node.stores = spec.stores;
  return node;
}

/** Gives a node its context. Throws `StreamsError` (STREAMS_PROCESSOR) with what it threw. */
export function initializeNode(
  node: ProcessorNode,
  nodeContext: Parameters<ProcessorNode['init']>[0],
  task: string,
): void {
  try {
    node.init(nodeContext);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const context = { task, node: node.name };
    throw new StreamsError('STREAMS_PROCESSOR', `${node.name} failed to start: ${reason}`, { context, cause });
  }
}
