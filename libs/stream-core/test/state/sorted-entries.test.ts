import { describe, expect, it } from '@jest/globals';
import { serdes } from '../../src/serde/serdes.ts';
import { SortedEntries, StoreEntry } from '../../src/state/sorted-entries.ts';
import { StoreKeys } from '../../src/state/store-keys.ts';

const CHANGES = 5000;

describe('the order of a store', () => {
  it('does not hold every entry of a store that was ranged over once and is only written since', () => {
    const entries = new SortedEntries<string, number>(
      new StoreKeys(serdes.string.open({ topic: 'changelog', part: 'key' })),
    );
    const kept = new Map<string, StoreEntry<string, number>>();
    expect([...entries.range({}, kept.values())]).toEqual([]);
    let mostRemembered = 0;
    for (let i = 0; i < CHANGES; i++) {
      const entry = new StoreEntry(`key-${i}`, i, i);
      kept.set(entry.key, entry);
      entries.added(entry);
      mostRemembered = Math.max(mostRemembered, entries.rememberedChanges);
    }
    expect(mostRemembered).toBeGreaterThan(0);
    expect(mostRemembered).toBeLessThan(CHANGES / 2);
    const ranged = [...entries.range({}, kept.values())].map(({ key }) => key);
    expect(ranged).toEqual([...kept.keys()].sort());
  });
});
