import { TableProcessorNode } from '../../processor/processor-node.ts';
import { ProcessorGraphNode } from '../graph/processor-graph-node.ts';
import type { NamedOptions } from '../options.ts';
import type { StreamHandle } from '../stream-handle.ts';
import type { TableHandle } from '../table-handle.ts';

/** Passes the new value of each change on as a record. */
class ToStreamNode extends TableProcessorNode {
  override processChange(key: unknown, newValue: unknown, _oldValue: unknown, timestamp: number): void {
    this.forward(key, newValue, timestamp);
  }
}

/** Attaches `toStream`: each change of the table is a record with its new value, null for a delete. */
export function tableToStream(table: TableHandle, { name: given }: NamedOptions): StreamHandle {
  const { graph, key, value, sources } = table;
  const name = graph.nameOr(given, 'KTABLE-TOSTREAM-');
  const node = new ProcessorGraphNode(name, { create: () => new ToStreamNode() });
  graph.add(node, table.node);
  return { graph, name, node, key, value, sources, needsRepartition: false };
}
