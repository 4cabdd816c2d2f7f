import { ProcessorGraphNode } from '../graph/processor-graph-node.ts';
import type { NamedOptions } from '../options.ts';
import type { StreamHandle } from '../stream-handle.ts';
import { PassThroughNode } from './pass-through.ts';

/** Two streams as one. Their serdes may differ, so neither is kept. */
export function mergeStreams(stream: StreamHandle, other: StreamHandle, { name }: NamedOptions): StreamHandle {
  const { graph } = stream;
  const merged = graph.nameOr(name, 'KSTREAM-MERGE-');
  const node = new ProcessorGraphNode(merged, { create: () => new PassThroughNode() });
  node.isMerge = true;
  graph.add(node, stream.node, other.node);
  return {
    graph,
    name: merged,
    node,
    key: undefined,
    value: undefined,
    sources: new Set([...stream.sources, ...other.sources]),
    needsRepartition: stream.needsRepartition || other.needsRepartition,
  };
}
