import { changeSerde } from '../serde/change-serde.ts';
import type { Serde } from '../serde/serde.ts';
import type { GraphNode } from './graph/graph-node.ts';
import type { LogicalGraph } from './graph/logical-graph.ts';
import { TableRepartitionGraphNode } from './graph/table-repartition-graph-node.ts';

/** What a grouped table stands for. */
export interface GroupedTableHandle {
  readonly graph: LogicalGraph;
  readonly name: string;
  readonly node: GraphNode;
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
  readonly sources: ReadonlySet<string>;
  /** The user's name for the repartition topic. */
  readonly groupName: string | undefined;
  /** Shared by all aggregations of a group that has a name. */
  repartition: TableRepartitionGraphNode | undefined;
}

/** The repartition step in front of an aggregation of that name; takes two numbers whether they are used or not. */
export function repartitionGroupedTable(
  grouped: GroupedTableHandle,
  { name, storeName }: { readonly name: string | undefined; readonly storeName: string },
): { readonly node: TableRepartitionGraphNode; readonly sourceName: string } {
  const { graph, groupName, key, value } = grouped;
  const sinkName = graph.nameWithSuffixOr(name, '-sink', 'KSTREAM-SINK-');
  const sourceName = graph.nameWithSuffixOr(name, '-source', 'KSTREAM-SOURCE-');
  if (grouped.repartition === undefined || groupName === undefined) {
    const topic = `${groupName ?? storeName}-repartition`;
    grouped.repartition = new TableRepartitionGraphNode(sourceName, {
      sinkName,
      topic,
      key,
      value: changeSerde(value),
    });
  }
  graph.add(grouped.repartition, grouped.node);
  return { node: grouped.repartition, sourceName };
}
