import type { KeyValueStore, SlottedKeyValueStore } from '@playhead/stream-core';
import { ExpiryQueue } from './expiry-queue.ts';
import { SlotSchedule } from './slot-schedule.ts';
import type { StoredSession } from './stored-session.ts';

/** When each session is to be looked at next. */
export interface SessionSchedule {
  /** A session of the store comes up at `dueMs`, and at no time that was said before. */
  schedule(key: string, dueMs: number): void;
  /** The session does not come up any more. Before it leaves the store. */
  forget(key: string): void;
  /**
   * Takes sessions whose time has come, no more than `maxLooks`; some of them may come with a later call. None comes up
   * again before it is scheduled anew.
   */
  due(nowMs: number, maxLooks: number): Generator<string>;
}

/** The cheapest schedule for a store: beside the slots of one that has them, else (a store on disk) a queue of keys. */
export function scheduleFor(sessions: KeyValueStore<string, StoredSession>): SessionSchedule {
  return isSlotted(sessions) ? new SlotSchedule(sessions) : new ExpiryQueue();
}

function isSlotted<K, V>(store: KeyValueStore<K, V>): store is SlottedKeyValueStore<K, V> {
  return 'slotOf' in store;
}
