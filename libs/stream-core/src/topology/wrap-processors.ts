import type { ProcessorNode } from '../processor/processor-node.ts';
import type { TopologyGraph } from './topology-graph.ts';

/** What a processor is about to be given: a record, or the new value of a table's row. */
export interface WrappedRecord {
  readonly key: unknown;
  readonly value: unknown;
  readonly timestamp: number;
}

/** Stands around a processor: `process` gives it the record, and with it everything downstream. A record for which it is not called is left out and counted nowhere. */
export type RecordWrapper = (record: WrappedRecord, process: () => void) => void;

/** Asked once per task and processor, those of the DSL too, by the node's name; undefined leaves a processor alone, at no cost (KIP-1112). */
export type ProcessorWrapper = (node: string) => RecordWrapper | undefined;

/** Puts a wrapper around the processors of a topology. */
export function wrapProcessors(graph: TopologyGraph, wrapperOf: ProcessorWrapper): void {
  for (const spec of graph.nodes.values()) {
    if (spec.kind !== 'processor') continue;
    const { name, create } = spec;
    graph.nodes.set(name, {
      ...spec,
      create: () => {
        const wrapper = wrapperOf(name);
        return wrapper === undefined ? create() : wrapped(create(), wrapper);
      },
    });
  }
}

function wrapped(node: ProcessorNode, wrapper: RecordWrapper): ProcessorNode {
  const process = node.process.bind(node);
  const processChange = node.processChange.bind(node);
  node.process = (key, value, timestamp) => wrapper({ key, value, timestamp }, () => process(key, value, timestamp));
  node.processChange = (key, value, oldValue, timestamp, isLatest) =>
    wrapper({ key, value, timestamp }, () => processChange(key, value, oldValue, timestamp, isLatest));
  return node;
}
