import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { SessionLease } from '../../src/kafka/session-lease.ts';

let nowMs: number;

beforeEach(() => {
  nowMs = 1_000;
  jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
});

afterEach(() => {
  jest.restoreAllMocks();
});

test('is not over before the member has had a place', () => {
  nowMs = 1e9;
  expect(new SessionLease(10).isOver).toBe(false);
});

test('lasts a session from the moment when the answered request was sent, not from its answer', () => {
  const lease = new SessionLease(100);
  nowMs = 1_090;
  lease.extend(1_000);
  expect(lease.isOver).toBe(false);
  nowMs = 1_100;
  expect(lease.isOver).toBe(true);
});

test('goes on while the coordinator holds a join, but not for a process that stood still meanwhile', () => {
  const lease = new SessionLease(100);
  lease.extend(1_000);
  nowMs = 1_099;
  lease.extendWhileHeld();
  nowMs = 1_198;
  expect(lease.isOver).toBe(false);
  nowMs = 1_500;
  lease.extendWhileHeld();
  expect(lease.isOver).toBe(true);
});
