import { ProcessorGraphNode } from '../graph/processor-graph-node.ts';
import { newRepartition } from '../graph/repartition-graph-node.ts';
import { storeNameOr, tableStore } from '../materialized.ts';
import type { MaterializedOptions, NamedOptions, VersionedOptions } from '../options.ts';
import { requireSerde } from '../stream-handle.ts';
import type { StreamHandle } from '../stream-handle.ts';
import type { TableHandle } from '../table-handle.ts';
import { TableSource } from './table-source.ts';

/** A stream read as changes of a table. */
export function streamToTable(
  stream: StreamHandle,
  options: NamedOptions & MaterializedOptions<unknown, unknown> & VersionedOptions,
): TableHandle {
  const { graph } = stream;
  const name = graph.nameOr(options.name, 'KSTREAM-TOTABLE-');
  const { storeName, isQueryable } = storeNameOr(graph, options, 'KSTREAM-TOTABLE-');
  const key = requireSerde(options.key ?? stream.key, 'key', `table ${name}`);
  const value = requireSerde(options.value ?? stream.value, 'value', `table ${name}`);
  let { node: parent, sources } = stream;
  if (stream.needsRepartition) {
    const repartition = newRepartition(graph, name, { key, value, partitions: undefined, isOptimizable: true });
    graph.add(repartition, parent);
    parent = repartition;
    sources = new Set([repartition.name]);
  }
  const builder = tableStore({ name: storeName, key, value }, options);
  const supplier = new TableSource(storeName, () => builder, isQueryable, options.historyMs);
  const node = new ProcessorGraphNode(name, { create: () => supplier.create(), ownStore: () => supplier.store });
  graph.add(node, parent);
  return { graph, name, node, key, value, sources, queryableName: isQueryable ? storeName : undefined, supplier };
}
