import { describe, expect, test } from '@jest/globals';
import { Slots } from '../../src/records/slots.ts';

const item = (name: string) => ({ name, slot: -1, order: 0 });

describe('slots', () => {
  test('tell their items in the order in which they came, whatever slots became free in between', () => {
    const slots = new Slots<ReturnType<typeof item>>();
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(item) as [Item, Item, Item, Item];
    slots.add(a);
    slots.add(b);
    slots.add(c);
    expect([slots.delete(a), slots.delete(a), slots.has(a), slots.has(b)]).toEqual([true, false, false, true]);
    slots.add(d);
    slots.add(a);
    expect(slots.inOrder().map(({ name }) => name)).toEqual(['b', 'c', 'd', 'a']);
  });

  test('are used again: a million items, three at a time, need three slots', () => {
    const slots = new Slots<ReturnType<typeof item>>();
    const held: Item[] = [];
    let highest = 0;
    for (let i = 0; i < 1_000_000; i++) {
      const next = item('x');
      slots.add(next);
      highest = Math.max(highest, next.slot);
      held.push(next);
      if (held.length === 3) slots.delete(held.shift()!);
    }
    expect(highest).toBe(2);
  });
});

type Item = ReturnType<typeof item>;
