import type { TopicPartition } from '../../kafka/types.ts';

/** How far one input has been processed. */
export interface CommittableOffset extends TopicPartition {
  /** Of the next record to read. */
  readonly offset: number;
  /** The input's partition time, for `initialize` after a move. */
  readonly metadata: string;
}

/** What is committed beside an offset, so that a task that moves finds its stream time again. */
export interface OffsetMetadata {
  readonly partitionTimeMs: number;
  /** For stores of aggregations that send windows when they close: the time up to which they have been sent. Of the task, so written with every input. */
  readonly closedUpTo: ReadonlyMap<string, number>;
  /** The process that committed it in a transaction: should it be gone, what it left open can be aborted at once. */
  readonly owner?: string | undefined;
  /** Equal to the one of a stored state: nobody else has committed the task since that was written. */
  readonly marker?: string | undefined;
}

/** Compact JSON; what is not there is left out, so that a time alone reads as it always did. */
export const encodeOffsetMetadata = ({ partitionTimeMs, closedUpTo, owner, marker }: OffsetMetadata): string =>
  JSON.stringify({
    partitionTimeMs,
    closedUpTo: closedUpTo.size === 0 ? undefined : Object.fromEntries(closedUpTo),
    owner,
    marker,
  });

/** Anything that is not ours (an empty text, another library's) reads as "no time known". */
export function decodeOffsetMetadata(text: string): OffsetMetadata {
  let parsed: { partitionTimeMs?: unknown; closedUpTo?: unknown; owner?: unknown; marker?: unknown } = {};
  try {
    parsed = (JSON.parse(text) as typeof parsed | null) ?? {};
  } catch {
    // Not ours.
  }
  const { partitionTimeMs, closedUpTo, owner, marker } = parsed;
  const entries = typeof closedUpTo === 'object' ? Object.entries(closedUpTo ?? {}) : [];
  return {
    partitionTimeMs: Number.isSafeInteger(partitionTimeMs) ? (partitionTimeMs as number) : -1,
    closedUpTo: new Map(entries.filter(([, time]) => Number.isSafeInteger(time)) as [string, number][]),
    ...(typeof owner === 'string' ? { owner } : {}),
    ...(typeof marker === 'string' ? { marker } : {}),
  };
}
