/** What a reset of an application will do: worked out before anything is touched, so that a dry run shows exactly that. */
import { ArgumentError, StreamsError } from '../../errors.ts';
import type { GroupAdmin, GroupOffset } from '../../kafka/group-admin.ts';
import type { KafkaClient } from '../../kafka/kafka-client.ts';
import type { TopicPartition } from '../../kafka/types.ts';
import type { TopologyLog } from '../topology-check/topology-log.ts';
import { topologyTopicOf } from '../topology-check/topology-log.ts';
import type { TopologyShape } from '../topology-check/topology-shape.ts';

/** Where the inputs are to begin: at the first or after the last record, at the first record of a time (milliseconds since the epoch) or younger, or of so many milliseconds ago. */
export type ResetTarget = 'earliest' | 'latest' | { readonly atMs: number } | { readonly agoMs: number };

/** What is to be reset. */
export interface ResetRequest {
  readonly applicationId: string;
  readonly to: ResetTarget;
  /** Inputs that neither the application's record nor its group names. */
  readonly inputTopics?: readonly string[] | undefined;
  /** Internal topics of versions that ran before the application wrote down what it is. */
  readonly internalTopics?: readonly string[] | undefined;
}

/** An input and where it is to begin. */
export interface OffsetReset extends TopicPartition {
  /** Committed now; undefined: nothing. */
  readonly from: number | undefined;
  readonly to: number;
}

/** All that a reset changes in Kafka. */
export interface ResetPlan {
  readonly applicationId: string;
  /** Ascending by topic and partition. */
  readonly offsets: readonly OffsetReset[];
  /** Committed offsets of internal topics, which are forgotten. */
  readonly forgotten: readonly TopicPartition[];
  /** Topics that are deleted, the record of the topology last. */
  readonly deletedTopics: readonly string[];
  /** Topics that look like the application's but that no record names: left alone. */
  readonly unclaimedTopics: readonly string[];
}

/** What a plan is made with. */
export interface PlanTools {
  readonly client: Pick<KafkaClient, 'listOffsets' | 'partitionsOf' | 'partitionsOfAll'>;
  readonly group: Pick<GroupAdmin, 'members' | 'offsets'>;
  readonly log: Pick<TopologyLog, 'read'>;
  readonly now: () => number;
}

/** Works out a reset. Rejects with `StreamsError` while the application has members (STREAMS_INVALID_STATE) and when nothing is known of it, and with `ArgumentError` for topics that do not exist. */
export async function planReset(request: ResetRequest, { client, group, log, now }: PlanTools): Promise<ResetPlan> {
  const { applicationId, inputTopics = [], internalTopics = [] } = request;
  await requireNoMembers(applicationId, group);
  const [record, committed, present] = await Promise.all([log.read(), group.offsets(), client.partitionsOfAll()]);
  requireTopics([...inputTopics, ...internalTopics], present);
  const looksInternal = (topic: string): boolean => isInternalName(topic, applicationId);
  // Without a record names have to do.
  const internal = new Set([...(record?.shape.topics.map(({ name }) => name) ?? []), ...internalTopics]);
  const isInput = (topic: string): boolean =>
    present.has(topic) && !internal.has(topic) && (record !== undefined || !looksInternal(topic));
  const named = [...committed.map(({ topic }) => topic), ...(record === undefined ? [] : sourcesOf(record.shape))];
  const inputs = new Set([...inputTopics, ...named.filter(isInput)]);
  if (record === undefined && inputs.size === 0 && internal.size === 0) throw nothingKnown(applicationId);
  const places = [...inputs].sort().flatMap((topic) => placesOf(topic, present.get(topic) ?? 0));
  const targets = await offsetsAt(client, places, request.to, now());
  const own = [...internal].filter((topic) => present.has(topic)).sort();
  return {
    applicationId,
    offsets: places.map((place, at) => ({ ...place, from: find(committed, place), to: targets[at] ?? 0 })),
    forgotten: committed
      .filter(({ topic }) => !inputs.has(topic))
      .map(({ topic, partition }) => ({ topic, partition })),
    deletedTopics: record === undefined ? own : [...own, topologyTopicOf(applicationId)],
    unclaimedTopics: [...present.keys()]
      .filter((topic) => looksInternal(topic) && !internal.has(topic) && !inputs.has(topic))
      .sort(),
  };
}

async function requireNoMembers(applicationId: string, group: PlanTools['group']): Promise<void> {
  const members = await group.members();
  if (members.length === 0) return;
  const list = members.map(({ clientId, host, memberId }) => `${clientId} at ${host} (${memberId})`).join(', ');
  throw new StreamsError(
    'STREAMS_INVALID_STATE',
    `${applicationId} has ${members.length} active members: ${list}. Stop every instance first; one that was killed is a member until its session times out`,
  );
}

function requireTopics(topics: readonly string[], present: ReadonlyMap<string, number>): void {
  const missing = topics.filter((topic) => !present.has(topic));
  if (missing.length > 0) throw new ArgumentError(`topics do not exist: ${missing.join(', ')}`);
}

const nothingKnown = (applicationId: string): StreamsError =>
  new ArgumentError(
    `nothing is known of an application ${applicationId}: it has no committed offsets and no topic ${topologyTopicOf(applicationId)}. Check its id and the brokers, or name its input topics`,
  );

/** Another application's id may begin with this one's, so a name alone is no reason to delete a topic. */
const isInternalName = (topic: string, applicationId: string): boolean =>
  topic.startsWith(`${applicationId}-`) &&
  /-(?:changelog|repartition|subscription-(?:registration|response)-topic|SUBSCRIPTION-(?:REGISTRATION|RESPONSE)-\d{10}-topic)$/.test(
    topic,
  );

function sourcesOf({ subtopologies, topics }: TopologyShape): string[] {
  const internal = new Set(topics.map(({ name }) => name));
  return subtopologies.flatMap(({ sources }) => sources).filter((topic) => !internal.has(topic));
}

const placesOf = (topic: string, partitions: number): TopicPartition[] =>
  Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));

const find = (committed: readonly GroupOffset[], place: TopicPartition): number | undefined =>
  committed.find(({ topic, partition }) => topic === place.topic && partition === place.partition)?.offset;

async function offsetsAt(
  client: PlanTools['client'],
  places: readonly TopicPartition[],
  target: ResetTarget,
  nowMs: number,
): Promise<number[]> {
  if (places.length === 0) return [];
  const at = typeof target === 'string' ? target : 'atMs' in target ? target.atMs : nowMs - target.agoMs;
  const found = await client.listOffsets(places, typeof at === 'number' ? Math.max(0, at) : at);
  if (found.every(({ offset }) => offset >= 0)) return found.map(({ offset }) => offset);
  // No record is that young.
  const ends = await client.listOffsets(places, 'latest');
  return found.map(({ offset }, index) => (offset >= 0 ? offset : (ends[index]?.offset ?? 0)));
}
