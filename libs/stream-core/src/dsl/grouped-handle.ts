import type { StoreBuilder } from '../state/store-builder.ts';
import type { Serde } from '../serde/serde.ts';
import { ProcessorGraphNode } from './graph/processor-graph-node.ts';
import type { RepartitionGraphNode } from './graph/repartition-graph-node.ts';
import { newRepartition } from './graph/repartition-graph-node.ts';
import { requireSerde } from './stream-handle.ts';
import type { StreamHandle } from './stream-handle.ts';
import type { TableHandle, TableSupplier } from './table-handle.ts';

/** Who takes the serdes of a group's repartition topic. */
export const GROUPING = 'groupBy or groupByKey';

/** What a grouped stream stands for. */
export interface GroupedHandle extends Omit<StreamHandle, 'repartition'> {
  /** The user's name for the repartition topic. */
  readonly groupName: string | undefined;
  /** Shared by all aggregations of a group that has a name. */
  repartition?: RepartitionGraphNode | undefined;
}

/** An aggregation to attach. */
export interface AggregationParts {
  readonly name: string;
  readonly builder: StoreBuilder;
  readonly supplier: TableSupplier;
  readonly isQueryable: boolean;
  /** Of the resulting table. */
  readonly key: Serde<unknown> | undefined;
  readonly value: Serde<unknown>;
}

/** Attaches an aggregation, behind a repartition topic where the key has changed. */
export function attachAggregation(grouped: GroupedHandle, parts: AggregationParts): TableHandle {
  const { graph } = grouped;
  const { name, builder, supplier, isQueryable, key, value } = parts;
  let { node: parent, sources } = grouped;
  if (grouped.needsRepartition) {
    const fresh = newRepartition(graph, grouped.groupName ?? builder.name, {
      key: requireSerde(grouped.key, 'key', `the repartition of ${name}`, GROUPING),
      value: requireSerde(grouped.value, 'value', `the repartition of ${name}`, GROUPING),
      partitions: undefined,
      isOptimizable: true,
    });
    if (grouped.repartition === undefined || grouped.groupName === undefined) grouped.repartition = fresh;
    graph.add(grouped.repartition, parent);
    parent = grouped.repartition;
    sources = new Set([fresh.name]);
  }
  const node = new ProcessorGraphNode(name, { create: () => supplier.create(), ownStore: () => builder });
  graph.add(node, parent);
  return {
    graph,
    name,
    node,
    key,
    value,
    sources,
    supplier,
    queryableName: isQueryable ? builder.name : undefined,
  };
}
