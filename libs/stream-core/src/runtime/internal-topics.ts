/**
 * Repartition and changelog topics are created before the group is joined. What exists already is checked, never changed:
 *
 *     inputs ─▶ partition counts ─▶ what ran before (topology-check) ─▶ settings of what exists ─▶ create what is missing
 */
import { TopologyError } from '../errors.ts';
import type { Logger, NewTopic } from '../kafka/types.ts';
import { resolvePartitionCounts, type PartitionCounts } from '../topology/partition-counts.ts';
import type { TopologyPlan } from '../topology/topology-plan.ts';
import { checkSettings, type TopicSettingsReader } from './internal-topic-settings.ts';
import { deadLetterTopicOf } from './task/dead-letter.ts';
import { shapeOf, type TopologyShape } from './topology-check/topology-shape.ts';

/** The part of `KafkaClient` that is needed. */
export interface TopicAdmin extends TopicSettingsReader {
  partitionsOf(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  partitionsOfAll(): Promise<ReadonlyMap<string, number>>;
  createTopics(topics: readonly NewTopic[]): Promise<readonly unknown[]>;
}

/** How topics are made. */
export interface InternalTopicOptions {
  readonly replicationFactor: number;
  /** Win over what the topology asks for. */
  readonly configs: Readonly<Record<string, string>>;
  /** True: `<topic>.dead-letter` is made for each topic that tasks read and that has none. */
  readonly deadLetters: boolean;
  /** A sink names its topic for each record: any topic of the cluster may be written to. */
  readonly anySinkTopic: boolean;
  /** Compares with the topology that ran last; rejects when the application's state does not survive the change. */
  readonly checkTopology: (shape: TopologyShape, existing: ReadonlySet<string>) => Promise<string | undefined>;
  readonly logger: Logger;
}

/** What was found and made. */
export interface PreparedTopics {
  /** Tasks of each sub-topology, by its id. */
  readonly tasks: ReadonlyMap<number, number>;
  /** Partitions of every topic that the application reads or writes, as far as it exists. */
  readonly partitions: ReadonlyMap<string, number>;
  /** Another one after each reset of the application; undefined for one that keeps nothing. */
  readonly incarnation: string | undefined;
}

/**
 * Creates the internal topics that are missing. Rejects with `TopologyError` when a source topic does not exist, when the
 * topology has changed in a way that its state does not survive, and when an existing internal topic has another number
 * of partitions or settings that lose what is needed, naming both.
 */
export async function prepareTopics(
  admin: TopicAdmin,
  plan: TopologyPlan,
  options: InternalTopicOptions,
): Promise<PreparedTopics> {
  const external = await admin.partitionsOf(externalTopics(plan));
  requireTopics(
    plan.globalStores.map(({ topic }) => topic),
    external,
  );
  const counts = resolvePartitionCounts(plan, (topic) => external.get(topic));
  const internal = internalTopics(plan, counts, options);
  const countOf = (topic: string): number | undefined => external.get(topic) ?? counts.internal.get(topic);
  const deadLetters = options.deadLetters ? deadLetterTopics(plan, countOf, options) : [];
  const before = await admin.partitionsOf([...internal, ...deadLetters].map(({ topic }) => topic));
  const incarnation = await options.checkTopology(shapeOf(plan, counts), new Set(before.keys()));
  checkCounts(internal, before);
  await checkSettings(
    admin,
    internal.filter(({ topic }) => before.has(topic)),
    options.logger,
  );
  const present = await createMissing(admin, [...internal, ...deadLetters], before, options.logger);
  checkCounts(internal, present);
  const others = options.anySinkTopic ? await admin.partitionsOfAll() : [];
  return { tasks: counts.tasks, partitions: new Map([...others, ...external, ...present]), incarnation };
}

/** Topics that are not the application's own: those it reads and those it writes. */
function externalTopics(plan: TopologyPlan): string[] {
  const internal = new Set(
    plan.internalTopics.filter(({ kind }) => kind !== 'source-changelog').map(({ name }) => name),
  );
  const named = plan.subtopologies.flatMap(({ sourceTopics, sinkTopics }) => [...sourceTopics, ...sinkTopics]);
  const globals = plan.globalStores.map(({ topic }) => topic);
  return [...new Set([...named, ...globals])].filter((name) => !internal.has(name));
}

function internalTopics(plan: TopologyPlan, counts: PartitionCounts, options: InternalTopicOptions): NewTopic[] {
  return plan.internalTopics
    .filter(({ kind }) => kind !== 'source-changelog')
    .map(({ name, config }) => ({
      topic: name,
      partitions: counts.internal.get(name) ?? 0,
      replicationFactor: options.replicationFactor,
      configs: { ...config, ...options.configs },
    }));
}

function deadLetterTopics(
  plan: TopologyPlan,
  countOf: (topic: string) => number | undefined,
  { replicationFactor, configs }: InternalTopicOptions,
): NewTopic[] {
  const sources = new Set(plan.subtopologies.flatMap(({ sourceTopics }) => sourceTopics));
  return [...sources].map((topic) => ({
    topic: deadLetterTopicOf(topic),
    partitions: countOf(topic) ?? 1,
    replicationFactor,
    configs,
  }));
}

/** Returns the partition counts of all of `wanted` as they are afterwards. */
async function createMissing(
  admin: TopicAdmin,
  wanted: readonly NewTopic[],
  present: ReadonlyMap<string, number>,
  logger: Logger,
): Promise<ReadonlyMap<string, number>> {
  const missing = wanted.filter(({ topic }) => !present.has(topic));
  if (missing.length === 0) return present;
  await admin.createTopics(missing);
  for (const { topic, partitions } of missing) logger.info({ topic, partitions }, 'internal topic created');
  // Another instance may have been faster, with another topology: what counts is what is there now.
  const now = new Map(await admin.partitionsOf(wanted.map(({ topic }) => topic)));
  for (const { topic, partitions } of missing) if (!now.has(topic)) now.set(topic, partitions);
  return now;
}

function requireTopics(topics: readonly string[], present: ReadonlyMap<string, number>): void {
  const missing = topics.filter((topic) => !present.has(topic));
  if (missing.length === 0) return;
  throw new TopologyError(`topics of global tables do not exist: ${missing.join(', ')}`);
}

function checkCounts(wanted: readonly NewTopic[], present: ReadonlyMap<string, number>): void {
  const problems = wanted
    .filter(({ topic, partitions }) => (present.get(topic) ?? partitions) !== partitions)
    .map(({ topic, partitions }) => `${topic} has ${present.get(topic)}, the topology needs ${partitions}`);
  if (problems.length === 0) return;
  throw new TopologyError(
    `internal topics have another number of partitions: ${problems.join('; ')}. Delete them to start with empty state, or use another application id`,
  );
}
