import { TopologyError } from '../errors.ts';
import type { SubtopologyPlan, TopologyPlan } from './topology-plan.ts';

/** Partition counts of everything an application touches, and the number of tasks that follows. */
export interface PartitionCounts {
  /** Of each repartition and changelog topic, by full name. */
  readonly internal: ReadonlyMap<string, number>;
  /** Tasks of each sub-topology, by its id. */
  readonly tasks: ReadonlyMap<number, number>;
}

/**
 * Applies the co-partitioning rules: within a group the users' topics must agree and the repartition topics follow them; a group of repartition topics only takes the
 * greatest count; changelogs have as many as there are tasks. `countOf` gives the partitions of an existing topic that is not internal. Throws `TopologyError` for a source topic
 * that does not exist and for counts that disagree, naming them.
 */
export function resolvePartitionCounts(
  plan: TopologyPlan,
  countOf: (topic: string) => number | undefined,
): PartitionCounts {
  const enforced = new Map(
    plan.internalTopics.map(({ name, kind, partitions }) => [name, kind === 'repartition' ? partitions : undefined]),
  );
  const repartition = new Set(plan.internalTopics.filter(({ kind }) => kind === 'repartition').map(({ name }) => name));
  const counts = new Map<string, number>();
  for (const { sourceTopics } of plan.subtopologies) {
    for (const topic of sourceTopics) {
      if (!repartition.has(topic)) counts.set(topic, requireCount(topic, countOf(topic)));
    }
  }
  for (const topic of repartition) {
    const count = enforced.get(topic);
    if (count !== undefined) counts.set(topic, count);
  }
  const resolved = spreadDownstream(plan, repartition, counts);
  for (const { copartitionGroups } of plan.subtopologies) {
    for (const group of copartitionGroups) agree(group, repartition, enforced, resolved);
  }
  const tasks = new Map<number, number>();
  for (const subtopology of plan.subtopologies) {
    const count = tasksOf(subtopology, resolved);
    tasks.set(subtopology.id, count);
    for (const { changelogTopic, isSourceChangelog } of subtopology.stores) {
      if (changelogTopic !== undefined && !isSourceChangelog) resolved.set(changelogTopic, count);
    }
  }
  const internal = plan.internalTopics.filter(({ kind }) => kind !== 'source-changelog').map(({ name }) => name);
  return { internal: new Map(internal.map((name) => [name, resolved.get(name) ?? 1])), tasks };
}

/** A repartition topic without a count of its own has as many partitions as the greatest source of the sub-topologies that write it. */
function spreadDownstream(
  plan: TopologyPlan,
  repartition: ReadonlySet<string>,
  known: ReadonlyMap<string, number>,
): Map<string, number> {
  const counts = new Map(known);
  /** `partly`: also where some of the writers' sources are not known. */
  const settle = (open: readonly string[], partly: boolean): string[] => {
    for (const topic of open) {
      const writers = plan.subtopologies.filter(({ sinkTopics }) => sinkTopics.includes(topic));
      const sources = writers.flatMap(({ sourceTopics }) => sourceTopics.map((source) => counts.get(source)));
      const settled = sources.filter((count) => count !== undefined);
      if (settled.length === sources.length || (partly && settled.length > 0)) {
        counts.set(topic, Math.max(1, ...settled));
      }
    }
    return open.filter((topic) => !counts.has(topic));
  };
  // Each round settles at least one topic. The two topics of a foreign-key join feed each other: there what is known decides. A topology that only feeds itself settles none.
  for (let open = [...repartition].filter((topic) => !counts.has(topic)); open.length > 0;) {
    let left = settle(open, false);
    if (left.length === open.length) left = settle(open, true);
    if (left.length === open.length) {
      throw new TopologyError(
        `the partition count of ${left.join(', ')} follows from itself; give it one by repartition({ partitions })`,
      );
    }
    open = left;
  }
  return counts;
}

function agree(
  group: readonly string[],
  repartition: ReadonlySet<string>,
  enforced: ReadonlyMap<string, number | undefined>,
  counts: Map<string, number>,
): void {
  const fixed = group.filter((topic) => !repartition.has(topic));
  const deciding = fixed.length > 0 ? fixed : group.filter((topic) => enforced.get(topic) !== undefined);
  const wanted = deciding.length > 0 ? deciding : group;
  const values = wanted.map((topic) => counts.get(topic) ?? 1);
  const count = Math.max(...values);
  const held = group.filter((topic) => !repartition.has(topic) || enforced.get(topic) !== undefined);
  if (held.some((topic) => counts.get(topic) !== count)) {
    const list = held.map((topic) => `${topic} has ${counts.get(topic)}`).join(', ');
    throw new TopologyError(`topics that are joined need equal partition counts: ${list}`);
  }
  for (const topic of group) counts.set(topic, count);
}

function tasksOf({ sourceTopics }: SubtopologyPlan, counts: ReadonlyMap<string, number>): number {
  return Math.max(...sourceTopics.map((topic) => counts.get(topic) ?? 1));
}

function requireCount(topic: string, count: number | undefined): number {
  if (count === undefined) throw new TopologyError(`source topic ${topic} does not exist`, { context: { topic } });
  return count;
}
