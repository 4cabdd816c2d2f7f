import type { ProcessorNode } from '../../processor/processor-node.ts';
import { ProcessorGraphNode } from '../graph/processor-graph-node.ts';
import type { StreamHandle } from '../stream-handle.ts';

/** What an operator without state does to its stream. */
export interface StatelessOperator {
  readonly name: string | undefined;
  /** Of the generated name. */
  readonly prefix: string;
  readonly create: () => ProcessorNode;
  readonly changesKey?: boolean;
  readonly changesValue?: boolean;
}

/** Attaches an operator to a stream; a part that it changes loses its serde. */
export function attach(stream: StreamHandle, operator: StatelessOperator): StreamHandle {
  const { graph } = stream;
  const { changesKey = false, changesValue = false } = operator;
  const name = graph.nameOr(operator.name, operator.prefix);
  const node = new ProcessorGraphNode(name, { create: operator.create });
  node.changesKey = changesKey;
  node.changesValue = changesValue;
  graph.add(node, stream.node);
  return {
    graph,
    name,
    node,
    key: changesKey ? undefined : stream.key,
    value: changesValue ? undefined : stream.value,
    sources: stream.sources,
    needsRepartition: stream.needsRepartition || changesKey,
  };
}
