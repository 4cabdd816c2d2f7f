/**
 * Repartition and changelog topics: their partition counts follow from the topics that the application reads, and they
 * are created before the group is joined. What exists already is checked, never changed.
 */
import { TopologyError } from '../errors.ts';
import type { Logger, NewTopic } from '../kafka/types.ts';

/** A topic that belongs to the application. */
export interface InternalTopic {
  /** Full name, application id included. */
  readonly name: string;
  readonly configs: Readonly<Record<string, string>>;
}

/** A repartition topic; its count is enforced, or follows from the topics it is co-partitioned with. */
export interface RepartitionTopic extends InternalTopic {
  readonly enforcedPartitions: number | undefined;
}

/** What the partition counts follow from. Topics by full name. */
export interface SubtopologyTopics {
  readonly id: number;
  /** Topics read, partition by partition: external ones and repartition topics. */
  readonly sourceTopics: readonly string[];
  /** Topics written; only the repartition topics among them matter. */
  readonly sinkTopics: readonly string[];
  /** Groups of source topics that must agree in their number of partitions. */
  readonly copartitionGroups: readonly (readonly string[])[];
  readonly changelogs: readonly InternalTopic[];
}

/** Every topic of the application that the runtime has to know. */
export interface TopologyTopics {
  readonly subtopologies: readonly SubtopologyTopics[];
  readonly repartitionTopics: readonly RepartitionTopic[];
  /** Topics of global tables. */
  readonly globalTopics: readonly string[];
}

/** The part of `KafkaClient` that is needed. */
export interface TopicAdmin {
  partitionsOf(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  createTopics(topics: readonly NewTopic[]): Promise<readonly unknown[]>;
}

/** Partition counts of all topics that are read: external ones as given, repartition topics computed. Throws `TopologyError`. */
export function resolvePartitionCounts(
  topology: TopologyTopics,
  external: ReadonlyMap<string, number>,
): Map<string, number> {
  const fixed = new Map(external);
  for (const topic of topology.repartitionTopics) {
    if (topic.enforcedPartitions !== undefined) fixed.set(topic.name, topic.enforcedPartitions);
  }
  const { subtopologies } = topology;
  const groups = subtopologies.flatMap(({ copartitionGroups }) => copartitionGroups);
  const counts = new Map(fixed);
  // Counts flow down the topology: each round settles at least one more topic.
  for (let unsettled = unsettledOf(topology, counts); unsettled.length > 0;) {
    for (const name of unsettled) {
      const group = groups.find((topics) => topics.includes(name)) ?? [name];
      const given = group.find((topic) => fixed.has(topic));
      const count = given === undefined ? widestOf(group, subtopologies, counts) : fixed.get(given);
      if (count !== undefined) counts.set(name, count);
    }
    const left = unsettledOf(topology, counts);
    if (left.length === unsettled.length) {
      throw new TopologyError(
        `the partition counts of ${left.join(', ')} depend on each other; give one of them a number`,
      );
    }
    unsettled = left;
  }
  for (const group of groups) checkCopartitioned(group, counts);
  return counts;
}

const unsettledOf = (topology: TopologyTopics, counts: ReadonlyMap<string, number>): string[] =>
  topology.repartitionTopics.map(({ name }) => name).filter((name) => !counts.has(name));

/** Of topics that only the application decides on: the greatest count that any of them needs, once all are known. */
function widestOf(
  group: readonly string[],
  subtopologies: readonly SubtopologyTopics[],
  counts: ReadonlyMap<string, number>,
): number | undefined {
  const needs = group.map((name) => countFromWriters(name, subtopologies, counts));
  return needs.includes(undefined) ? undefined : Math.max(...(needs as number[]));
}

/** As many as the widest source of the sub-topologies that write it, once all of those are known. */
function countFromWriters(
  name: string,
  subtopologies: readonly SubtopologyTopics[],
  counts: ReadonlyMap<string, number>,
): number | undefined {
  let widest: number | undefined;
  for (const { sourceTopics, sinkTopics } of subtopologies) {
    if (!sinkTopics.includes(name)) continue;
    for (const source of sourceTopics) {
      const count = counts.get(source);
      if (count === undefined) return undefined;
      widest = Math.max(widest ?? 0, count);
    }
  }
  return widest;
}

function checkCopartitioned(group: readonly string[], counts: ReadonlyMap<string, number>): void {
  const distinct = new Set(group.map((topic) => counts.get(topic)));
  if (distinct.size <= 1) return;
  const list = group.map((topic) => `${topic} has ${counts.get(topic)}`).join(', ');
  throw new TopologyError(`topics that are joined or read together must have equally many partitions: ${list}`);
}

/** How internal topics are made. */
export interface InternalTopicOptions {
  readonly replicationFactor: number;
  /** Win over what the topology asks for. */
  readonly configs: Readonly<Record<string, string>>;
  readonly logger: Logger;
}

/**
 * Creates the internal topics that are missing and returns the partition count of every topic read. Rejects with
 * `TopologyError` when a source topic does not exist or an existing internal topic has another number of partitions
 * than the topology needs, naming both.
 */
export async function prepareTopics(
  admin: TopicAdmin,
  topology: TopologyTopics,
  options: InternalTopicOptions,
): Promise<Map<string, number>> {
  const counts = resolvePartitionCounts(topology, await externalCounts(admin, topology));
  const wanted: NewTopic[] = [];
  const want = (topic: InternalTopic, partitions: number): void => {
    const configs = { ...topic.configs, ...options.configs };
    wanted.push({ topic: topic.name, partitions, replicationFactor: options.replicationFactor, configs });
  };
  for (const topic of topology.repartitionTopics) want(topic, counts.get(topic.name) ?? 0);
  for (const { sourceTopics, changelogs } of topology.subtopologies) {
    const tasks = Math.max(0, ...sourceTopics.map((topic) => counts.get(topic) ?? 0));
    for (const changelog of changelogs) want(changelog, tasks);
  }
  await createMissing(admin, wanted, options.logger);
  return counts;
}

async function externalCounts(admin: TopicAdmin, topology: TopologyTopics): Promise<ReadonlyMap<string, number>> {
  const internal = new Set(topology.repartitionTopics.map(({ name }) => name));
  const sources = topology.subtopologies.flatMap(({ sourceTopics }) => sourceTopics);
  const external = [...new Set([...sources, ...topology.globalTopics])].filter((name) => !internal.has(name));
  const counts = await admin.partitionsOf(external);
  const missing = external.filter((name) => !counts.has(name));
  if (missing.length > 0) {
    throw new TopologyError(
      `source topics do not exist: ${missing.join(', ')}; create them before the application starts`,
    );
  }
  return counts;
}

async function createMissing(admin: TopicAdmin, wanted: readonly NewTopic[], logger: Logger): Promise<void> {
  if (wanted.length === 0) return;
  const names = wanted.map(({ topic }) => topic);
  let present = await admin.partitionsOf(names);
  const missing = wanted.filter(({ topic }) => !present.has(topic));
  if (missing.length > 0) {
    await admin.createTopics(missing);
    for (const { topic, partitions } of missing) logger.info({ topic, partitions }, 'internal topic created');
    // Another instance may have been faster, with another topology: what counts is what is there now.
    present = await admin.partitionsOf(names);
  }
  const problems = wanted
    .filter(({ topic, partitions }) => (present.get(topic) ?? partitions) !== partitions)
    .map(({ topic, partitions }) => `${topic} has ${present.get(topic)}, the topology needs ${partitions}`);
  if (problems.length === 0) return;
  throw new TopologyError(
    `internal topics have another number of partitions: ${problems.join('; ')}. Delete them to start with empty state, or use another application id`,
  );
}
