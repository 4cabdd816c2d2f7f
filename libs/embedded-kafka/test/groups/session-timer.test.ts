import { expect, test } from '@jest/globals';
import { SessionTimer } from '../../src/groups/session-timer.ts';
import { VirtualClock } from './virtual-clock.ts';

function started(timeoutMs: number): {
  readonly clock: VirtualClock;
  readonly timer: SessionTimer;
  expiries(): number;
} {
  const clock = new VirtualClock();
  let expiries = 0;
  const timer = new SessionTimer(clock, timeoutMs, () => expiries++);
  return { clock, timer, expiries: () => expiries };
}

test('expires once, its timeout after it was last touched', () => {
  const { clock, timer, expiries } = started(100);
  clock.advance(99);
  timer.touch();
  clock.advance(99);
  expect(expiries()).toBe(0);
  clock.advance(1);
  expect(expiries()).toBe(1);
  clock.advance(1000);
  expect(expiries()).toBe(1);
});

test('takes a new timeout, longer or shorter, from now on', () => {
  const longer = started(100);
  longer.timer.touch(500);
  longer.clock.advance(499);
  expect(longer.expiries()).toBe(0);
  const shorter = started(100);
  shorter.timer.touch(10);
  shorter.clock.advance(10);
  expect(shorter.expiries()).toBe(1);
});

test('touched however often it sets one timer at a time, and stopped none', () => {
  const { clock, timer, expiries } = started(100);
  for (let i = 0; i < 1000; i++) timer.touch();
  expect(clock.pending).toBe(1);
  timer.stop();
  expect(clock.pending).toBe(0);
  clock.advance(1000);
  expect(expiries()).toBe(0);
  timer.touch();
  clock.advance(100);
  expect(expiries()).toBe(1);
});
