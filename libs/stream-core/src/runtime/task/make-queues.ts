import type { TopologyCodecs } from '../../topology/topology-codecs.ts';
import { RecordQueue } from './record-queue.ts';
import type { TaskSource } from './task-graph.ts';
import type { TaskRuntimeContext } from './task-runtime-context.ts';

/** A queue for each topic of each source. */
export function* makeQueues(
  sources: readonly TaskSource[],
  partition: number,
  codecs: TopologyCodecs,
  context: TaskRuntimeContext,
): Generator<RecordQueue> {
  for (const { spec, node } of sources) {
    for (const rawTopic of spec.topics) {
      const topic = context.topicName(rawTopic);
      yield new RecordQueue({
        topic,
        partition,
        source: node,
        timestampExtractor: spec.timestampExtractor,
        key: codecs.open(spec.key, topic, 'key'),
        value: codecs.open(spec.value, topic, 'value'),
        onNegativeTimestamp: () => context.drop('negative-timestamp'),
      });
    }
  }
}
