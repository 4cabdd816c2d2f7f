import { expect, test } from '@jest/globals';
import { SlotSchedule } from '../src/slot-schedule.ts';

/** A store of keys `0` to `count − 1`, each at the slot of its number. */
const slotsOf = (count: number) => ({
  slotOf: (key: string) => (Number(key) < count ? Number(key) : -1),
  keyAt: (slot: number) => (slot < count ? String(slot) : undefined),
});

test('gives what is due, and keeps the rest', () => {
  const schedule = new SlotSchedule(slotsOf(3));
  schedule.schedule('0', 1_000_000);
  schedule.schedule('1', 1_001_000);
  schedule.schedule('2', 1_002_000);
  expect([...schedule.due(999_000, Infinity)]).toEqual([]);
  expect([...schedule.due(1_001_000, Infinity)]).toEqual(['0', '1']);
  expect([...schedule.due(1_001_000, Infinity)]).toEqual([]);
  expect([...schedule.due(1_002_000, Infinity)]).toEqual(['2']);
});

test('the last time counts, an earlier one or a later one, and none after it was forgotten', () => {
  const schedule = new SlotSchedule(slotsOf(3));
  schedule.schedule('0', 2_000_000);
  schedule.schedule('0', 1_000_000);
  schedule.schedule('1', 1_000_000);
  schedule.schedule('1', 2_000_000);
  schedule.schedule('2', 1_000_000);
  schedule.forget('2');
  expect([...schedule.due(1_000_000, Infinity)]).toEqual(['0']);
  expect([...schedule.due(2_000_000, Infinity)]).toEqual(['1']);
  expect([...schedule.due(4_000_000, Infinity)]).toEqual([]);
});

test('a session came up in the tenth of a second before its time', () => {
  const schedule = new SlotSchedule(slotsOf(1));
  schedule.schedule('0', 1_000_050);
  expect([...schedule.due(1_000_049, Infinity)]).toEqual([]);
  expect([...schedule.due(1_000_149, Infinity)]).toEqual(['0']);
});

test('no call looks at all of many; within ten calls each comes up once', () => {
  const schedule = new SlotSchedule(slotsOf(100_000));
  for (let key = 0; key < 100_000; key++) schedule.schedule(String(key), 1_000_000);
  const calls = Array.from({ length: 10 }, () => [...schedule.due(1_000_000, Infinity)]);
  expect(Math.max(...calls.map(({ length }) => length))).toBeLessThanOrEqual(12_000);
  expect(new Set(calls.flat()).size).toBe(100_000);
  expect([...schedule.due(1_000_000, Infinity)]).toEqual([]);
});

test('gives no more than is asked for, and the rest with the next call', () => {
  const schedule = new SlotSchedule(slotsOf(5));
  for (let key = 0; key < 5; key++) schedule.schedule(String(key), 1_000_000);
  const calls = Array.from({ length: 4 }, () => [...schedule.due(1_000_000, 2)]);
  expect(calls.map(({ length }) => length).slice(0, 2)).toEqual([2, 2]);
  expect(calls.flat().toSorted()).toEqual(['0', '1', '2', '3', '4']);
});

test('a session that is not in the store is refused, naming it', () => {
  expect(() => new SlotSchedule(slotsOf(1)).schedule('7', 1)).toThrow('session 7 is not in the store');
});
