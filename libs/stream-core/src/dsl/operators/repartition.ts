import { requireLegalName } from '../../topology/names.ts';
import { newRepartition } from '../graph/repartition-graph-node.ts';
import type { RepartitionedOptions } from '../options.ts';
import { requireSerde } from '../stream-handle.ts';
import type { StreamHandle } from '../stream-handle.ts';

/** An explicit repartition: through a topic of its own, in any case. */
export function repartitionStream(stream: StreamHandle, options: RepartitionedOptions<unknown, unknown>): StreamHandle {
  const { graph } = stream;
  const { name, partitions } = options;
  const prefix = name === undefined ? graph.newProcessorName('KSTREAM-REPARTITION-') : requireLegalName(name);
  const key = requireSerde(options.key ?? stream.key, 'key', `repartition ${prefix}`);
  const value = requireSerde(options.value ?? stream.value, 'value', `repartition ${prefix}`);
  const node = newRepartition(graph, prefix, { key, value, partitions, isOptimizable: false });
  graph.add(node, stream.node);
  return { graph, name: node.name, node, key, value, sources: new Set([node.name]), needsRepartition: false };
}

/** The repartition step that a join on a re-keyed stream needs; a stream makes it once under its own name. */
export function repartitionForJoin(
  stream: StreamHandle,
  name: string | undefined,
  serdes: { key: StreamHandle['key']; value: StreamHandle['value']; valueOption?: string },
): StreamHandle {
  const { graph } = stream;
  const prefix = name ?? stream.name;
  const who = `the repartition of ${prefix}`;
  const key = requireSerde(serdes.key ?? stream.key, 'key', who);
  const value = requireSerde(serdes.value ?? stream.value, 'value', who, undefined, serdes.valueOption);
  const fresh = newRepartition(graph, prefix, { key, value, partitions: undefined, isOptimizable: true });
  let node = stream.repartition;
  if (node === undefined || stream.name !== prefix) {
    node = fresh;
    stream.repartition = fresh;
    graph.add(fresh, stream.node);
  }
  return { graph, name: fresh.name, node, key, value, sources: new Set([fresh.name]), needsRepartition: false };
}
