import type { ProcessorSupplier } from '../processor/processor.ts';
import type { Serde } from '../serde/serde.ts';
import type { StoreBuilder } from '../state/store-builder.ts';
import type { OffsetReset } from './offset-reset.ts';

/** A topic that the application creates for itself. */
export interface InternalTopic {
  /** Full name, with the application id in front. */
  readonly name: string;
  /** `source-changelog`: the table's own source topic, which already exists, serves as its changelog. */
  readonly kind: 'repartition' | 'changelog' | 'source-changelog';
  /** Partition count that the topology asks for; absent: follows from the co-partitioning rules (repartition) or the number of tasks (changelog). */
  readonly partitions?: number;
  /** Settings for the broker, `message.timestamp.type=CreateTime` included. */
  readonly config: Readonly<Record<string, string>>;
}

/** A store and the topic that its changes go to. */
export interface StorePlan {
  readonly name: string;
  readonly builder: StoreBuilder;
  /** Full name; undefined where logging is off. */
  readonly changelogTopic: string | undefined;
  /** True: `changelogTopic` is the table's source topic, so nothing is written to it and it is restored with the source's serdes. */
  readonly isSourceChangelog: boolean;
}

/** A part of the topology whose nodes hang together; one task per partition runs it. */
export interface SubtopologyPlan {
  /** Ids have gaps where global stores take one. */
  readonly id: number;
  /** Names of its nodes, parents before children. */
  readonly nodes: readonly string[];
  /** Full names, ascending: the users' topics and repartition topics that its sources read. */
  readonly sourceTopics: readonly string[];
  /** Those of `sourceTopics` that are repartition topics. */
  readonly repartitionTopics: readonly string[];
  /** Full names of fixed sink topics, repartition topics included. */
  readonly sinkTopics: readonly string[];
  /** In the order in which a task registers, restores and flushes them. */
  readonly stores: readonly StorePlan[];
  /** Topics that must have equal partition counts, each group ascending. */
  readonly copartitionGroups: readonly (readonly string[])[];
}

/** A topic that every instance reads whole into a global store. */
export interface GlobalStorePlan {
  readonly topic: string;
  readonly builder: StoreBuilder;
  /** Writes the store with what it reads from the topic; undefined: the topic's records are the store's rows. */
  readonly writer?: GlobalStoreWriter | undefined;
}

/** A processor of the user's own that fills a global store. */
export interface GlobalStoreWriter {
  readonly name: string;
  readonly supplier: ProcessorSupplier<unknown, unknown, never, never>;
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
}

/** A topology made concrete for one application id. */
export interface TopologyPlan {
  readonly applicationId: string;
  readonly subtopologies: readonly SubtopologyPlan[];
  /** Ascending by name. */
  readonly internalTopics: readonly InternalTopic[];
  readonly globalStores: readonly GlobalStorePlan[];
  /** Of repartition topics and of users' topics whose sources say where to begin. */
  readonly offsetResets: ReadonlyMap<string, OffsetReset>;
}
