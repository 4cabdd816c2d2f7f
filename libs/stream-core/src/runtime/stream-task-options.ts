import type { PartitionFollower } from '../kafka/partition-follower.ts';
import type { TopicPartition } from '../kafka/types.ts';
import type { RecordCollector } from '../processor/record-collector.ts';
import type { CacheBudget } from '../state/write-back-cache.ts';
import type { TopologyCodecs } from '../topology/topology-codecs.ts';
import type { Topology } from '../topology/topology.ts';
import type { TopologyPlan } from '../topology/topology-plan.ts';
import type { GlobalStores } from './global-stores.ts';
import type { TaskStorage } from './storage/state-backend.ts';
import type { ErrorHandler, ProductionHandler } from './task-handlers.ts';

/** What a task is made of. Everything but `subtopology` and `partition` is shared by the tasks of an instance. */
export interface StreamTaskOptions {
  readonly topology: Topology;
  readonly plan: TopologyPlan;
  /** `all`: the whole topology as one task, as the test driver with one partition runs it. */
  readonly subtopology: number | 'all';
  readonly partition: number;
  /** Opened, and `ready` awaited, before the first record or restore. */
  readonly codecs: TopologyCodecs;
  readonly collector: RecordCollector;
  readonly globalStores: GlobalStores;
  /** Shared by the tasks of an application instance. Default: no store caches. */
  readonly cache?: CacheBudget | undefined;
  /** Of the application: stored state of another one is forgotten. */
  readonly incarnation?: string | undefined;
  /** Wall-clock time in milliseconds. */
  readonly clock: () => number;
  /** Whether records of an input are on their way, or may be: the task then waits for them before it chooses the next record by time. Default: never. */
  readonly awaitsMore?: ((input: TopicPartition) => boolean) | undefined;
  /** The process, as offsets that are committed in transactions name it. Default: they name none. */
  readonly owner?: string | undefined;
  /** Where its state is durable. Default: in its changelogs alone. */
  readonly storage?: TaskStorage | undefined;
  /** Follows a changelog partition that the task writes, from its end on: `BatchProducer.follow`. Needed with a storage that is durable. */
  readonly follow?: ((topic: string, partition: number, end: number) => PartitionFollower) | undefined;
  /** Default: fail. */
  readonly deserializationHandler?: ErrorHandler | undefined;
  /** Default: fail. */
  readonly processingHandler?: ErrorHandler | undefined;
  /** About what a sink's serde cannot write. Default: fail. */
  readonly productionHandler?: ProductionHandler | undefined;
  /** Freeze stored values, so that changing one in place fails a test. Default false. */
  readonly freezeValues?: boolean | undefined;
}
