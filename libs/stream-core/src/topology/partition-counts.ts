import type { TopologyPlan } from './topology-plan.ts';

/** Partition counts of everything an application touches, and the number of tasks that follows. */
export interface PartitionCounts {
  /** Of each repartition and changelog topic, by full name. */
  readonly internal: ReadonlyMap<string, number>;
  /** Tasks of each sub-topology, by its id. */
  readonly tasks: readonly number[];
}

/**
 * Applies the co-partitioning rules: within a group the users' topics must agree and the repartition topics follow them; a group of repartition topics only
 * takes the greatest count; changelogs have as many as there are tasks. `countOf` gives the partitions of an existing topic. Throws `TopologyError` for a source topic that
 * does not exist and for counts that disagree, naming them.
 */
export declare function resolvePartitionCounts(
  plan: TopologyPlan,
  countOf: (topic: string) => number | undefined,
): PartitionCounts;
