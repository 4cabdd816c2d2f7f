import { StreamsError } from '../errors.ts';
import type { KafkaClient } from '../kafka/kafka-client.ts';
import type { PartitionOffset, TopicPartition } from '../kafka/types.ts';
import type { OffsetReset } from '../topology/offset-reset.ts';

/** Where inputs without a committed offset begin. */
export interface StartOffsets {
  /** Of topics whose sources say nothing. */
  readonly offsetReset: 'earliest' | 'latest';
  readonly offsetResets: ReadonlyMap<string, OffsetReset>;
  /** The wall clock, milliseconds. */
  readonly now: () => number;
}

/** Asks the brokers once for each policy that there is. Rejects with `StreamsError` (STREAMS_CONFIG) for a topic that is to begin nowhere. */
export async function startOffsets(
  client: Pick<KafkaClient, 'listOffsets'>,
  partitions: readonly TopicPartition[],
  { offsetReset, offsetResets, now }: StartOffsets,
): Promise<readonly PartitionOffset[]> {
  const byPlace = Map.groupBy(partitions, ({ topic }) => placeOf(topic, offsetResets.get(topic) ?? offsetReset, now()));
  const found: PartitionOffset[] = [];
  for (const [place, group] of byPlace) {
    const offsets = await client.listOffsets(group, place);
    found.push(...offsets.filter(({ offset }) => offset >= 0));
    // Every record is older.
    const behind = offsets.filter(({ offset }) => offset < 0);
    if (behind.length > 0) found.push(...(await client.listOffsets(behind, 'latest')));
  }
  return found;
}

function placeOf(topic: string, reset: OffsetReset, nowMs: number): 'earliest' | 'latest' | number {
  if (typeof reset === 'object') return Math.max(0, nowMs - reset.byDurationMs);
  if (reset !== 'none') return reset;
  throw new StreamsError(
    'STREAMS_CONFIG',
    `topic ${topic} has no committed offset, and its source begins nowhere without one`,
    {
      context: { topic },
    },
  );
}

/** What becomes of a position that has been deleted. */
export function outOfRangePolicy(
  topic: string,
  { offsetReset, offsetResets }: Omit<StartOffsets, 'now'>,
): 'earliest' | 'latest' | 'fail' {
  const reset = offsetResets.get(topic) ?? offsetReset;
  if (reset === 'none') return 'fail';
  return reset === 'latest' ? 'latest' : 'earliest';
}
