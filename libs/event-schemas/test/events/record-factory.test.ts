import { expect, test } from '@jest/globals';
import { newPlaybackDecision, newPlaybackHeartbeat } from '../../src/index.ts';

const identity = { eventId: 'e', tenant: 'demo', account: 'acc-1', session: 's' };

test('fills what a writer leaves out with the defaults of the schema', () => {
  const beat = newPlaybackHeartbeat({ ...identity, type: 'BEAT', receivedTime: 5, eventTime: 4, state: 'PLAYING' });
  expect(beat).toMatchObject({
    schemaVersion: 1,
    late: false,
    kind: 'UNKNOWN',
    state: 'PLAYING',
    cmcd: null,
    positionMs: null,
  });
  expect(Object.keys(beat).filter((name) => beat[name as keyof typeof beat] === undefined)).toEqual([]);
});

test('never hands out an array that two records could both change', () => {
  const decision = newPlaybackDecision({
    ...identity,
    type: 'ADMISSION',
    receivedTime: 5,
    decidedTime: 5,
    decision: 'ALLOW',
  });
  expect(Object.isFrozen(decision.conflicts)).toBe(true);
});
