import type { GraphNode } from './graph-node.ts';
import type { LogicalGraph } from './logical-graph.ts';
import { nodesFrom } from './optimizations.ts';
import { RepartitionGraphNode, newRepartition } from './repartition-graph-node.ts';

type RepartitionsByChanger = Map<GraphNode, RepartitionGraphNode[]>;

/**
 * Puts one repartition topic right behind each operator that changes the key, instead of one in front of each operator that needs it; what stands between then reads from the topic.
 * Streams that are re-keyed and then merged share one behind the merge. Gives the names of the sources that went, with what replaces them.
 */
export function mergeRepartitionTopics(graph: LogicalGraph): Map<string, string> {
  const replaced = new Map<string, string>();
  for (const [changer, repartitions] of repartitionsByChanger(graph.root)) {
    const [first] = repartitions;
    if (first === undefined) continue;
    const { topic, key, value } = first.parts;
    const merged = newRepartition(graph, topic, { key, value, partitions: undefined, isOptimizable: false });
    merged.buildPriority = changer.buildPriority;
    for (const repartition of repartitions) {
      const top = findUpwards(repartition, ({ parents }) => parents.has(changer));
      // Undefined: it stands above another one too, and has been moved with that (the original refuses such topologies).
      if (top !== undefined) {
        merged.addChild(top);
        changer.removeChild(top);
      }
      takeOut(repartition);
      replaced.set(repartition.name, merged.name);
    }
    changer.addChild(merged);
  }
  return replaced;
}

/** Attaches a node's children to its parents. */
function takeOut(node: GraphNode): void {
  const parents = [...node.parents];
  for (const child of node.children) {
    for (const parent of parents) parent.addChild(child);
    node.removeChild(child);
  }
  for (const parent of parents) parent.removeChild(node);
}

function repartitionsByChanger(root: GraphNode): RepartitionsByChanger {
  const byChanger: RepartitionsByChanger = new Map();
  const merges: GraphNode[] = [];
  for (const node of nodesFrom(root).sort((a, b) => a.buildPriority - b.buildPriority)) {
    if (node.changesKey) byChanger.set(node, []);
    else if (node instanceof RepartitionGraphNode && node.parts.isOptimizable) {
      // A value that changed in between would have to be read with another serde.
      const changer = findUpwards(node, ({ changesKey, changesValue }) => changesKey || changesValue);
      if (changer !== undefined && changer === findUpwards(node, ({ changesKey }) => changesKey)) {
        byChanger.get(changer)?.push(node);
      }
    } else if (node.isMerge) merges.push(node);
  }
  moveBehindMerges(byChanger, merges);
  return byChanger;
}

/** Where all that a re-keyed stream is repartitioned for stands below a merge, the merge takes its place. */
function moveBehindMerges(byChanger: RepartitionsByChanger, merges: readonly GraphNode[]): void {
  const isBelow = (node: GraphNode, parent: GraphNode): boolean =>
    findUpwards(node, ({ parents }) => parents.has(parent)) !== undefined;
  const changersOf = new Map<GraphNode, GraphNode[]>();
  for (const merge of merges) {
    const changers = [...byChanger].filter(
      ([changer, repartitions]) =>
        repartitions.every((repartition) => isBelow(repartition, merge)) && isBelow(merge, changer),
    );
    changersOf.set(
      merge,
      changers.map(([changer]) => changer),
    );
  }
  for (const [merge, changers] of changersOf) {
    byChanger.set(merge, [...new Set(changers.flatMap((changer) => byChanger.get(changer) ?? []))]);
  }
  for (const changers of changersOf.values()) for (const changer of changers) byChanger.delete(changer);
}

/** The first of a node and its ancestors that fits. Where there are several parents, a fitting parent comes first, then what is above the last one, as in the original. */
function findUpwards(node: GraphNode, fits: (node: GraphNode) => boolean): GraphNode | undefined {
  if (fits(node)) return node;
  let found: GraphNode | undefined;
  for (const parent of node.parents) {
    if (fits(parent)) return parent;
    found = findUpwards(parent, fits);
  }
  return found;
}
