import type { TopicNameExtractor } from '../../processor/sink-node.ts';
import type { Topic } from '../../topology/topic.ts';
import { SinkGraphNode } from '../graph/sink-graph-node.ts';
import type { ProducedOptions } from '../options.ts';
import { requireSerde } from '../stream-handle.ts';
import type { StreamHandle } from '../stream-handle.ts';

/** Where a stream is written to. */
export type SinkTarget = string | Topic<unknown, unknown> | TopicNameExtractor<unknown, unknown>;

/** Attaches `to`. Throws `TopologyError` where a serde is missing. */
export function sinkStream(stream: StreamHandle, target: SinkTarget, options: ProducedOptions<unknown, unknown>): void {
  const { graph } = stream;
  const typed = typeof target === 'object' ? target : undefined;
  const name = graph.nameOr(options.name, 'KSTREAM-SINK-');
  const key = requireSerde(options.key ?? typed?.key ?? stream.key, 'key', `sink ${name}`);
  const value = requireSerde(options.value ?? typed?.value ?? stream.value, 'value', `sink ${name}`);
  const partitionKey = (options.partitionKey ?? typed?.partitionKey) as ((key: unknown) => string) | undefined;
  const topic = typeof target === 'object' ? target.name : target;
  graph.add(new SinkGraphNode(name, { topic, key, value, partitionKey }), stream.node);
}
