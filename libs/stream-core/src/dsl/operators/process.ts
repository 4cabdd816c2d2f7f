import { processorApiNode } from '../../processor/processor-api-node.ts';
import type { FixedKeyProcessorSupplier, ProcessorSupplier } from '../../processor/processor.ts';
import { requireLegalName } from '../../topology/names.ts';
import { ProcessorGraphNode } from '../graph/processor-graph-node.ts';
import type { ProcessOptions } from '../options.ts';
import type { StreamHandle } from '../stream-handle.ts';

/**
 * A processor of the user's own, which may change the key. Never repartitions in front of it. That it changes keys and
 * values is hidden from `merge.repartition.topics`, as in Kafka Streams, whose fix (KAFKA-19668) is off by default: the
 * names of optimised topologies have to stay. See docs/optimisation.md.
 */
export function processStream(
  stream: StreamHandle,
  supplier: ProcessorSupplier<unknown, unknown, unknown, unknown>,
  { name: given, stores }: ProcessOptions,
): StreamHandle {
  const { graph } = stream;
  const name = given === undefined ? graph.newProcessorName('KSTREAM-PROCESSOR-') : requireLegalName(given);
  const node = new ProcessorGraphNode(name, {
    create: () => processorApiNode(supplier, false),
    connectedStores: stores,
  });
  graph.add(node, stream.node);
  return { ...stream, name, node, key: undefined, value: undefined, needsRepartition: true, repartition: undefined };
}

/** A processor of the user's own that keeps the key. */
export function processStreamValues(
  stream: StreamHandle,
  supplier: FixedKeyProcessorSupplier<unknown, unknown, unknown>,
  { name: given, stores }: ProcessOptions,
): StreamHandle {
  const { graph } = stream;
  const name = given === undefined ? graph.newProcessorName('KSTREAM-PROCESSVALUES-') : requireLegalName(given);
  const node = new ProcessorGraphNode(name, {
    create: () => processorApiNode(supplier, true),
    connectedStores: stores,
  });
  graph.add(node, stream.node);
  return { ...stream, name, node, value: undefined, repartition: undefined };
}
