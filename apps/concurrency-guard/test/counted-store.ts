import type { KeyValueStore } from '@playhead/stream-core';

/** A store that counts what is read of it, with slots or without. */
export function counted<V>(isSlotted = false) {
  const values = new Map<string, V>();
  const keys: string[] = [];
  const reads = { count: 0 };
  const store = {
    get: (key: string) => {
      reads.count++;
      return values.get(key) ?? null;
    },
    put: (key: string, value: V | null) => {
      if (!values.has(key)) keys.push(key);
      if (value === null) values.delete(key);
      else values.set(key, value);
    },
    all: () => [...values].map(([key, value]) => ({ key, value })),
    ...(isSlotted ? { slotOf: (key: string) => keys.indexOf(key), keyAt: (slot: number) => keys[slot] } : {}),
  };
  return { reads, store: store as unknown as KeyValueStore<string, V> };
}
