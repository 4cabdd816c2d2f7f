import type { StateStore } from '@playhead/stream-core';
import type { StoreContext } from '../../src/state/state-store.ts';

/** A change as a store logged it. */
export interface LoggedChange {
  readonly key: Buffer;
  readonly value: Buffer | null;
  readonly timestamp: number;
}

/** What a store did besides answering. */
export interface Observed {
  readonly changes: LoggedChange[];
  readonly dropped: string[];
}

/** Opens a store as a task does. */
export function openStore<S extends StateStore>(
  store: S,
  options: Partial<Pick<StoreContext, 'freezeValues' | 'record'>> & { logging?: boolean } = {},
): { store: S; observed: Observed } {
  const observed: Observed = { changes: [], dropped: [] };
  const copy = (bytes: Uint8Array | null): Buffer | null => (bytes === null ? null : Buffer.from(bytes));
  store.init({
    taskId: '0_0',
    changelog:
      options.logging === false
        ? undefined
        : {
            log: (key, value, timestamp) =>
              observed.changes.push({ key: Buffer.from(key), value: copy(value), timestamp }),
          },
    countDropped: (reason) => observed.dropped.push(reason),
    record: options.record ?? { timestamp: 77, headers: [] },
    freezeValues: options.freezeValues ?? false,
  });
  return { store, observed };
}
