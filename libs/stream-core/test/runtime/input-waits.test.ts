import { describe, expect, test } from '@jest/globals';
import { InputWaits } from '../../src/runtime/input-waits.ts';

const input = { topic: 'beats', partition: 1 };

/** Waits for an input whose place the test sets. */
function setUp(maxTaskIdleMs: number) {
  const state = { at: undefined as { offset: number; end: number } | undefined, isFull: false, nowMs: 1_000 };
  const waits = new InputWaits({
    fetcher: {
      position: () => (state.at === undefined ? undefined : { ...state.at, highWatermark: -1, lastStableOffset: -1 }),
    },
    maxTaskIdleMs,
    isFull: () => state.isFull,
    clock: () => state.nowMs,
  });
  return { state, waits };
}

describe('an input without a record in its queue', () => {
  test.each([
    ['is not read here', undefined, false],
    ['has an end that nobody has told yet', { offset: 0, end: -1 }, true],
    ['has more in its log than has been taken', { offset: 5, end: 6 }, true],
    ['has been read to its end', { offset: 6, end: 6 }, false],
  ])('that %s: waited for is %#', (_, at, awaited) => {
    const { state, waits } = setUp(0);
    state.at = at;
    expect(waits.awaitsMore(input)).toBe(awaited);
    expect(waits.nextEndMs()).toBe(Infinity);
  });

  test('is not waited for while nothing more is taken in, nor where waiting is switched off', () => {
    const { state, waits } = setUp(0);
    state.at = { offset: 5, end: 6 };
    state.isFull = true;
    expect(waits.awaitsMore(input)).toBe(false);
    const never = setUp(-1);
    never.state.at = { offset: 5, end: 6 };
    expect(never.waits.awaitsMore(input)).toBe(false);
  });

  test('is waited for as long as the setting says, once from each end of its log', () => {
    const { state, waits } = setUp(50);
    state.at = { offset: 6, end: 6 };
    expect([waits.awaitsMore(input), waits.nextEndMs()]).toEqual([true, 1_050]);
    state.nowMs = 1_049;
    expect(waits.awaitsMore(input)).toBe(true);
    state.nowMs = 1_050;
    expect([waits.awaitsMore(input), waits.nextEndMs()]).toEqual([false, Infinity]);
    state.nowMs = 9_000;
    expect(waits.awaitsMore(input)).toBe(false);
    state.at = { offset: 7, end: 7 };
    expect([waits.awaitsMore(input), waits.nextEndMs()]).toEqual([true, 9_050]);
  });
});
