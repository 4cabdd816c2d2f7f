import { resolvePartitionCounts } from '../topology/partition-counts.ts';
import type { PartitionCounts } from '../topology/partition-counts.ts';
import type { TopologyPlan } from '../topology/topology-plan.ts';

/** Partitions of the users' topics: one number for all, or by name (others have one). */
export type DriverPartitions = number | Readonly<Record<string, number>>;

/** Partition counts as the driver pretends they are. Undefined: one of every topic, whatever the topology asks for, as in Kafka Streams' own driver. */
export class DriverTopics {
  readonly counts: PartitionCounts;
  readonly #partitions: DriverPartitions | undefined;

  constructor(plan: TopologyPlan, partitions: DriverPartitions | undefined) {
    this.#partitions = partitions;
    this.counts =
      partitions === undefined
        ? { internal: new Map(), tasks: new Map(plan.subtopologies.map(({ id }) => [id, 1])) }
        : resolvePartitionCounts(plan, (topic) => this.#external(topic));
  }

  partitionsOf(topic: string): number {
    return this.counts.internal.get(topic) ?? this.#external(topic);
  }

  #external(topic: string): number {
    if (typeof this.#partitions === 'number') return this.#partitions;
    return this.#partitions?.[topic] ?? 1;
  }
}

/** A task by what it runs and where. */
export interface TaskPlace {
  readonly subtopology: number | 'all';
  readonly partition: number;
}

/**
 * The tasks of a topology. With one partition everywhere the whole topology is one task, as in Kafka Streams' own driver, whose order of records across sub-topologies is thus kept; else it is one
 * task per sub-topology and partition, as in the runtime.
 */
export function taskPlaces({ tasks }: PartitionCounts): TaskPlace[] {
  if (tasks.size === 0) return [];
  if ([...tasks.values()].every((count) => count === 1)) return [{ subtopology: 'all', partition: 0 }];
  return [...tasks].flatMap(([subtopology, count]) =>
    Array.from({ length: count }, (_, partition) => ({ subtopology, partition })),
  );
}
