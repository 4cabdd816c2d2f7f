import { StreamsError } from '../../errors.ts';
import type { GraphNode } from './graph-node.ts';
import { StreamJoinGraphNode } from './stream-join-graph-node.ts';
import { TableSourceGraphNode } from './table-source-graph-node.ts';

const OPTIMIZATIONS = ['reuse.ktable.source.topics', 'merge.repartition.topics', 'single.store.self.join'] as const;

/**
 * `reuse.ktable.source.topics`: the topic of a table serves as the changelog of its store. `merge.repartition.topics`: what one re-keyed stream is repartitioned for goes through one topic.
 * `single.store.self.join`: a stream joined with itself keeps its records once.
 */
export type Optimization = (typeof OPTIMIZATIONS)[number];

/** The optimisations that are asked for. Throws `StreamsError` (STREAMS_CONFIG) for an unknown one, and for `none` or `all` among others. */
export function optimizationsOf(asked: string | readonly string[]): ReadonlySet<Optimization> {
  const names = typeof asked === 'string' ? [asked] : asked;
  const [only] = names;
  if (names.length === 1 && only === 'none') return new Set();
  if (names.length === 1 && only === 'all') return new Set(OPTIMIZATIONS);
  const unknown = names.find((name) => !OPTIMIZATIONS.some((known) => known === name));
  if (unknown !== undefined) {
    throw new StreamsError(
      'STREAMS_CONFIG',
      `optimize has "${unknown}"; allowed: none, all, or some of ${OPTIMIZATIONS.join(', ')}`,
    );
  }
  return new Set(names as readonly Optimization[]);
}

/** Every node below and with `root`, each once. */
export function nodesFrom(root: GraphNode): GraphNode[] {
  const seen = new Set<GraphNode>([root]);
  // A Set goes on with what is added while it is gone through.
  for (const node of seen) for (const child of node.children) seen.add(child);
  return [...seen];
}

/** Tables are restored from the topics they are read from, instead of from changelogs of their own. */
export function reuseSourceTopics(root: GraphNode): void {
  for (const node of nodesFrom(root)) if (node instanceof TableSourceGraphNode) node.reusesSourceTopic = true;
}

/** Takes the right side away from joins of a stream with itself, left and outer ones too: every record finds itself. */
export function joinFromOneStore(root: GraphNode): void {
  for (const node of nodesFrom(root)) {
    if (!(node instanceof StreamJoinGraphNode) || node.isSelfJoin || node.parents.size > 1) continue;
    for (const parent of node.parents) parent.removeChild(node.parts.right.window);
    node.isSelfJoin = true;
  }
}
