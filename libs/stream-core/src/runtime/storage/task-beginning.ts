/**
 * What a task begins with (decision 0005).
 *
 *     no checkpoint, one from before a reset or with another retention, or an offset of it outside its changelog → wiped, whole changelog, the group's offsets
 *     exactly_once                                           → state and the changelog's tail, the group's offsets
 *     at_least_once, nobody else has committed it since      → state as it is, the state's own offsets
 *     at_least_once, somebody has                            → state and the changelog's tail, the group's offsets
 */
import type { KafkaClient } from '../../kafka/kafka-client.ts';
import type { OffsetAndMetadata, TopicPartition } from '../../kafka/types.ts';
import { InMemoryVersionedKeyValueStore } from '../../state/in-memory-versioned-key-value-store.ts';
import type { StreamTask } from '../stream-task.ts';
import type { ProcessingGuarantee } from '../streams-config.ts';
import { decodeOffsetMetadata } from '../task/offset-metadata.ts';
import { drawMarker, followedCommit, UNKNOWN_OFFSET, type Checkpoint } from './checkpoint.ts';

/** Deletes stay in a compacted changelog for `delete.retention.ms`, 24 hours by default: a state that is older may have missed some. */
export const MAX_TAIL_AGE_MS = 12 * 60 * 60 * 1_000;

/** First and end offset of a log. */
export interface LogRange {
  readonly start: number;
  readonly end: number;
}

/** What is known when a task comes. */
export interface Found {
  readonly checkpoint: Checkpoint | undefined;
  readonly guarantee: ProcessingGuarantee;
  /** Of the group, in the order of the task's inputs. */
  readonly committed: readonly (OffsetAndMetadata | undefined)[];
  readonly inputs: readonly (TopicPartition & LogRange)[];
  /** By store: of its changelog. */
  readonly changelogs: ReadonlyMap<string, LogRange>;
  readonly nowMs: number;
  /** Of the application now. */
  readonly incarnation?: string | undefined;
  /** As `Checkpoint.retentions`, now. */
  readonly retentions?: Readonly<Record<string, number>> | undefined;
}

/** Which line of the table it is, for the log. */
export type BeginsWith = 'changelog' | 'state-and-tail' | 'state';

/** How a task begins. */
export interface Beginning {
  readonly state: BeginsWith;
  /** In the order of the inputs: where they are read from, and with which metadata. */
  readonly offsets: readonly (OffsetAndMetadata | undefined)[];
  /** By store: where to read its changelog from; a store that is not in it, from its beginning. Undefined: no changelog is read. */
  readonly tail: ReadonlyMap<string, number> | undefined;
  /** Undefined: one is drawn. */
  readonly marker: string | undefined;
}

/** The table. Pure. */
export function decideBeginning(found: Found): Beginning {
  const { checkpoint, committed } = found;
  const whole: Beginning = { state: 'changelog', offsets: committed, tail: new Map(), marker: undefined };
  if (checkpoint === undefined || checkpoint.incarnation !== found.incarnation) return whole;
  if (!isLaidOutAs(checkpoint.retentions, found.retentions)) return whole;
  if (!isWithinChangelogs(checkpoint, found.changelogs)) return whole;
  const own = found.guarantee === 'at_least_once' ? ownOffsets(checkpoint, found) : undefined;
  if (own !== undefined) return { state: 'state', offsets: own, tail: undefined, marker: checkpoint.marker };
  const isUnknown = Object.values(checkpoint.changelogs).includes(UNKNOWN_OFFSET);
  if (isUnknown || found.nowMs - checkpoint.atMs > MAX_TAIL_AGE_MS) return whole;
  return {
    state: 'state-and-tail',
    offsets: committed,
    tail: new Map(Object.entries(checkpoint.changelogs)),
    marker: undefined,
  };
}

/** What is not known of an earlier version is taken for the same. */
function isLaidOutAs(before: Checkpoint['retentions'] = {}, now: Checkpoint['retentions'] = {}): boolean {
  return Object.entries(now).every(([store, retentionMs]) => (before[store] ?? retentionMs) === retentionMs);
}

function isWithinChangelogs(checkpoint: Checkpoint, changelogs: ReadonlyMap<string, LogRange>): boolean {
  for (const [store, { start, end }] of changelogs) {
    const offset = checkpoint.changelogs[store];
    if (offset === undefined || (offset !== UNKNOWN_OFFSET && (offset < start || offset > end))) return false;
  }
  return true;
}

/** The checkpoint's offsets, if the group's are of the same life of the task, or there are none. */
function ownOffsets(
  { inputs: stored, marker, follows }: Checkpoint,
  { committed, inputs }: Found,
): (OffsetAndMetadata | undefined)[] | undefined {
  if (stored.length === 0) return undefined;
  for (const [index, { topic }] of inputs.entries()) {
    const group = committed[index];
    // Nothing committed: the first commit did not get there.
    if (group === undefined || decodeOffsetMetadata(group.metadata ?? '').marker === marker) continue;
    if (followedCommit(group) !== follows[topic]) return undefined;
  }
  const offsets = inputs.map(({ topic }) => stored.find((input) => input.topic === topic));
  const isKnown = inputs.every(({ start, end }, index) => {
    const offset = offsets[index]?.offset;
    return offset === undefined ? committed[index] === undefined : offset >= start && offset <= end;
  });
  return isKnown ? offsets : undefined;
}

/** The inputs of a task that exist, and what the group has committed of each. */
export interface CommittedInputs {
  readonly inputs: readonly TopicPartition[];
  /** In the order of `inputs`. */
  readonly committed: readonly (OffsetAndMetadata | undefined)[];
}

/** What a task that comes is looked at with. */
export interface BeginOptions {
  readonly client: Pick<KafkaClient, 'listOffsets'>;
  readonly guarantee: ProcessingGuarantee;
  readonly clock: () => number;
}

/**
 * Opens a task's storage and makes its stores what they were at the checkpoint, or empty; the changelogs are the caller's. Rejects while the
 * storage or Kafka is away.
 */
export async function beginTask(
  task: Pick<StreamTask, 'changelogs' | 'durability'>,
  { inputs, committed }: CommittedInputs,
  { client, guarantee, clock }: BeginOptions,
): Promise<Beginning> {
  const { durability } = task;
  const { storage } = durability;
  const checkpoint = await storage.ready();
  const places = [...inputs, ...task.changelogs];
  const ranges = checkpoint === undefined ? [] : await rangesOf(client, places);
  const beginning = decideBeginning({
    checkpoint,
    guarantee,
    committed,
    inputs: inputs.map((input, index) => ({ ...input, ...(ranges[index] ?? NO_RANGE) })),
    changelogs: new Map(
      task.changelogs.map(({ plan }, index) => [plan.name, ranges[inputs.length + index] ?? NO_RANGE]),
    ),
    nowMs: clock(),
    incarnation: durability.incarnation,
    retentions: durability.retentions,
  });
  if (!storage.isDurable) return beginning;
  if (beginning.state === 'changelog') await storage.wipe();
  else
    for (const { plan, store, tee } of task.changelogs) {
      await durability.restored(plan.name, checkpoint?.changelogs[plan.name] ?? 0);
      if (store instanceof InMemoryVersionedKeyValueStore)
        await storage.load(plan, (key, value) => store.restoreHistory(key, value));
      else if (tee !== undefined) await storage.load(plan, (key, value, at) => store.restore(key, value, at));
    }
  durability.marker = beginning.marker ?? drawMarker();
  return beginning;
}

const NO_RANGE: LogRange = { start: 0, end: 0 };

async function rangesOf(
  client: BeginOptions['client'],
  places: readonly TopicPartition[],
): Promise<readonly LogRange[]> {
  const at = places.map(({ topic, partition }) => ({ topic, partition }));
  const [starts, ends] = await Promise.all([client.listOffsets(at, 'earliest'), client.listOffsets(at, 'latest')]);
  return places.map((_, index) => ({ start: starts[index]?.offset ?? 0, end: ends[index]?.offset ?? 0 }));
}
