import type { TopicPartition } from '../kafka/types.ts';
import type { TopologyPlan } from '../topology/topology-plan.ts';
import type { TaskId } from './assignment/task-id.ts';
import type { PreparedTopics } from './internal-topics.ts';

/** The partitions that a task reads and that exist. */
export function inputsOf(
  plan: TopologyPlan,
  topics: PreparedTopics,
  { subtopology, partition }: TaskId,
): TopicPartition[] {
  const sources = plan.subtopologies.find(({ id }) => id === subtopology)?.sourceTopics ?? [];
  return sources
    .filter((topic) => partition < (topics.partitions.get(topic) ?? 0))
    .map((topic) => ({ topic, partition }));
}

/** The changelogs that are written for stores; not the topics that are read as both input and changelog. */
export function writtenChangelogs({ internalTopics }: TopologyPlan): Set<string> {
  return new Set(internalTopics.filter(({ kind }) => kind === 'changelog').map(({ name }) => name));
}

/** The changelog partitions of a task's stores. */
export function changelogsOf(plan: TopologyPlan, { subtopology, partition }: TaskId): TopicPartition[] {
  const stores = plan.subtopologies.find(({ id }) => id === subtopology)?.stores ?? [];
  return stores.flatMap(({ changelogTopic }) =>
    changelogTopic === undefined ? [] : [{ topic: changelogTopic, partition }],
  );
}
