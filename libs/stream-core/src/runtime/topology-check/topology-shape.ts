/** What of a topology its state depends on: compared at each start with what ran before. */
import { StreamsError } from '../../errors.ts';
import type { StoreBuilder } from '../../state/store-builder.ts';
import type { PartitionCounts } from '../../topology/partition-counts.ts';
import type { TopologyPlan } from '../../topology/topology-plan.ts';

/** A store, as it is kept. */
export interface StoreShape {
  readonly name: string;
  /** Its kind in words: what its changelog holds. */
  readonly type: string;
  /** Full name; absent where logging is off. */
  readonly changelog?: string;
  /** The changelog is the table's own source topic. */
  readonly fromSource?: true;
  readonly subtopology: number;
  /** `Serde.format` of keys and values; absent where it is not known, as in everything below and in records of earlier versions. */
  readonly key?: string;
  readonly value?: string;
  /** Of stores of time windows: their keys have the start only. */
  readonly windowSizeMs?: number;
  /** How long windows, sessions or versions are kept; absent where nothing expires. */
  readonly keptMs?: number;
}

/** An internal topic. */
export interface TopicShape {
  readonly name: string;
  readonly kind: 'repartition' | 'changelog';
  readonly partitions: number;
}

/** A sub-topology, by what it reads. */
export interface SubtopologyShape {
  readonly id: number;
  readonly sources: readonly string[];
  readonly tasks: number;
}

/** What is compared. */
export interface TopologyShape {
  readonly version: typeof SHAPE_VERSION;
  readonly subtopologies: readonly SubtopologyShape[];
  /** Ascending by name. */
  readonly stores: readonly StoreShape[];
  /** Ascending by name. */
  readonly topics: readonly TopicShape[];
}

/** The record of the topic `<application id>-topology`. */
export interface TopologyRecord {
  /** Drawn when the application begins, and anew after each reset: local state of another one is of topics that are gone. */
  readonly incarnation: string;
  readonly shape: TopologyShape;
}

const SHAPE_VERSION = 1;

/** The shape of a plan on topics of these partition counts; equal plans give equal JSON. */
export function shapeOf(plan: TopologyPlan, counts: PartitionCounts): TopologyShape {
  const stores = plan.subtopologies.flatMap(({ id: subtopology, stores: plans }) =>
    plans.map(({ name, builder, changelogTopic, isSourceChangelog }): StoreShape => ({
      name,
      type: typeOf(builder),
      ...(changelogTopic === undefined ? {} : { changelog: changelogTopic }),
      ...(isSourceChangelog ? { fromSource: true } : {}),
      subtopology,
      ...contentOf(builder),
    })),
  );
  const topics = plan.internalTopics.flatMap(({ name, kind }): TopicShape[] =>
    kind === 'source-changelog' ? [] : [{ name, kind, partitions: counts.internal.get(name) ?? 0 }],
  );
  return {
    version: SHAPE_VERSION,
    subtopologies: plan.subtopologies.map(({ id, sourceTopics }) => ({
      id,
      sources: sourceTopics,
      tasks: counts.tasks.get(id) ?? 0,
    })),
    stores: stores.sort(byName),
    topics: topics.sort(byName),
  };
}

/** Whether the application keeps anything that a change of its topology could lose. */
export const hasState = ({ stores, topics }: TopologyShape): boolean => stores.length > 0 || topics.length > 0;

/** As `parseRecord` reads it. */
export const formatRecord = (record: TopologyRecord): string => JSON.stringify(record);

/** Reads a record of the topic. Throws `StreamsError` (STREAMS_TOPIC) for one that this version did not write. */
export function parseRecord(text: string, topic: string): TopologyRecord {
  let record: Partial<TopologyRecord> | null = null;
  try {
    record = JSON.parse(text) as Partial<TopologyRecord> | null;
  } catch {
    // Not ours.
  }
  const { incarnation, shape } = record ?? {};
  const isReadable = shape?.version === SHAPE_VERSION && Array.isArray(shape.stores) && Array.isArray(shape.topics);
  if (isReadable && typeof incarnation === 'string') return { incarnation, shape };
  throw new StreamsError(
    'STREAMS_TOPIC',
    `topic ${topic} holds no topology that this version can read (version ${String(shape?.version)}; allowed: ${SHAPE_VERSION}). Delete the topic if its application has not changed since`,
    { context: { topic } },
  );
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);

function contentOf({
  kind,
  keySerde,
  valueSerde,
  windowSizeMs,
  retentionMs,
  historyMs,
}: StoreBuilder): Pick<StoreShape, 'key' | 'value' | 'windowSizeMs' | 'keptMs'> {
  const keptMs = retentionMs ?? historyMs ?? Infinity;
  return {
    ...(keySerde.format === undefined ? {} : { key: keySerde.format }),
    ...(valueSerde.format === undefined ? {} : { value: valueSerde.format }),
    ...(kind === 'window' && windowSizeMs !== undefined ? { windowSizeMs } : {}),
    ...(keptMs === Infinity ? {} : { keptMs }),
  };
}

/** `internal` stores, which are an operator's own, differ by how their changelogs are cleaned. */
function typeOf({ kind, historyMs, logConfig }: StoreBuilder): string {
  if (historyMs !== undefined) return 'versioned';
  return kind === 'internal' ? `internal (${logConfig['cleanup.policy'] ?? 'not logged'})` : kind;
}
