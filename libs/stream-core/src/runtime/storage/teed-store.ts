import { readInt64 } from '../../internal/int64.ts';
import type { StorePlan } from '../../topology/topology-plan.ts';

/** Where a session's end stands in its changelog key, from the key's end. */
const SESSION_END_BYTES = 16;
/** Where a window's start, and a join's timestamp, stand in theirs. */
const WINDOW_START_BYTES = 12;

/** What has to be known of a store in memory to keep its changes: it drops what has expired without a word in its changelog. */
export interface TeedStore {
  readonly name: string;
  /** Undefined: nothing expires by itself. */
  readonly retentionMs: number | undefined;
  /** Distance of the time that decides about expiry from the end of a changelog key. */
  readonly timeFromEnd: number;
}

/** What a plan says of it. */
export function teedStore({ name, builder }: StorePlan): TeedStore {
  const { retentionMs, kind } = builder;
  return {
    name,
    retentionMs: retentionMs === Infinity ? undefined : retentionMs,
    timeFromEnd: kind === 'session' ? SESSION_END_BYTES : WINDOW_START_BYTES,
  };
}

/** The time in a changelog key; undefined where nothing expires. */
export function timeInKey({ retentionMs, timeFromEnd }: TeedStore, key: Uint8Array): number | undefined {
  if (retentionMs === undefined) return undefined;
  return readInt64(Buffer.from(key.buffer, key.byteOffset, key.length), key.length - timeFromEnd);
}
