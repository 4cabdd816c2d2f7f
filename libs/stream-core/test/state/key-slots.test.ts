import { describe, expect, test } from '@jest/globals';
import { KeySlots } from '../../src/state/key-slots.ts';
import { SeededRandom } from '../../src/testing/seeded-random.ts';

const STEPS = 6_000;

/** Keeps slots as `WindowEntries` does: those that are free are used again. */
class SlotGiver {
  readonly slots = new KeySlots();
  readonly #free: number[] = [];
  #next = 0;

  add(key: unknown): number {
    const slot = this.#free.pop() ?? this.#next++;
    this.slots.add(key, slot);
    return slot;
  }

  delete(key: unknown): number {
    const slot = this.slots.delete(key);
    if (slot >= 0) this.#free.push(slot);
    return slot;
  }
}

describe.each([4, 9, 40, 3000])('%d keys', (most) => {
  test('are found, taken out and listed as by a Map', () => {
    const random = new SeededRandom(most);
    const giver = new SlotGiver();
    const kept = new Map<unknown, number>();
    for (let step = 0; step < STEPS; step++) {
      const key = `t1/acc-${random.below(most)}`;
      expect(giver.slots.slotOf(key)).toBe(kept.get(key) ?? -1);
      if (!kept.has(key)) kept.set(key, giver.add(key));
      else if (random.below(10) < 6) {
        expect(giver.delete(key)).toBe(kept.get(key));
        kept.delete(key);
      }
      expect(giver.slots.size).toBe(kept.size);
    }
    expect([...giver.slots.keys()].toSorted()).toEqual([...kept.keys()].toSorted());
    expect([...giver.slots.slots()].toSorted()).toEqual([...kept.values()].toSorted());
  });
});

test.each([
  ['', 0],
  [0, '0'],
  [NaN, 'NaN'],
  [1n, 1],
  [true, 'true'],
  [-1, 1],
] as const)('%p and %p are two keys', (one, other) => {
  const giver = new SlotGiver();
  for (let i = 0; i < 20; i++) giver.add(`filler-${i}`);
  const slot = giver.add(one);
  expect(giver.slots.slotOf(other)).toBe(-1);
  expect(giver.slots.slotOf(one)).toBe(slot);
  expect(giver.delete(other)).toBe(-1);
  expect(giver.delete(one)).toBe(slot);
});

test('0 and -0 are one key, as in a Map', () => {
  const giver = new SlotGiver();
  for (let i = 0; i < 20; i++) giver.add(`filler-${i}`);
  const slot = giver.add(0);
  expect(giver.slots.slotOf(-0)).toBe(slot);
});
