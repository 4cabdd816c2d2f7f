import { describe, expect, test } from '@jest/globals';
import { MAX_STREAMS, nativeEventId, newPlaybackHeartbeat } from '@playhead/event-schemas';
import type { PlaybackHeartbeat } from '@playhead/event-schemas';
import { FORGOTTEN_AT_ONCE, MAX_SESSIONS_PER_ACCOUNT } from '../src/guard-state.ts';
import { EPOCH_MS, reportOf } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

const TICKET_LIFE_MS = 24 * 60 * 60 * 1000;

function report(type: 'START' | 'BEAT' | 'STOP' | 'TERMINATE', session: string, second: number): PlaybackHeartbeat {
  return newPlaybackHeartbeat({
    eventId: nativeEventId({ session, type, sequence: 0 }),
    type,
    tenant: 'demo',
    account: 'acc-1',
    session,
    source: 'NATIVE',
    sequence: type === 'BEAT' ? 0 : null,
    ticketExpiresAt: EPOCH_MS + second * 1000 + TICKET_LIFE_MS,
    receivedTime: EPOCH_MS + second * 1000,
    eventTime: EPOCH_MS + second * 1000,
  });
}

describe(`an account with more than ${MAX_SESSIONS_PER_ACCOUNT} sessions`, () => {
  test('forgets refused starts first, the oldest of them, and takes their verdict back', async () => {
    const bench = await TaskBench.open();
    bench.entitle('acc-1', 1, EPOCH_MS);
    bench.send(report('START', 'live', 0));
    bench.send(report('TERMINATE', 'ended-elsewhere', 0));
    bench.send(report('STOP', 'ended', 0));
    for (let n = 0; n < MAX_SESSIONS_PER_ACCOUNT - 3; n++) {
      bench.send(report('START', `refused-${n}`, 1));
    }
    bench.takeOutputs();
    bench.send(report('START', 'refused-last', 2));
    expect(bench.takeOutputs()).toContainEqual({ forgotten: 'refused-0' });
    expect(bench.account()?.sessions).toHaveLength(MAX_SESSIONS_PER_ACCOUNT + 1 - FORGOTTEN_AT_ONCE);
    expect(bench.session('refused-0')).toBeUndefined();
    expect(['live', 'ended-elsewhere', 'ended', 'refused-last'].map((name) => bench.session(name)?.phase)).toEqual([
      'OPEN',
      'BARRED',
      'STOPPED',
      'BARRED',
    ]);
  });

  test('forgets what ended without a verdict before what was stopped, and never what lives', async () => {
    const bench = await TaskBench.open();
    bench.send(report('START', 'live', 0));
    bench.send(report('TERMINATE', 'stopped-0', 0));
    bench.send(report('STOP', 'ended', 0));
    for (let n = 1; n < MAX_SESSIONS_PER_ACCOUNT - 2; n++) {
      bench.send(report('TERMINATE', `stopped-${n}`, 0));
    }
    bench.takeOutputs();
    bench.send(report('TERMINATE', 'one-more', 1));
    expect(bench.session('ended')).toBeUndefined();
    expect(bench.takeOutputs()).toContainEqual({ forgotten: 'stopped-0' });
    const [last, kept] = [FORGOTTEN_AT_ONCE - 2, FORGOTTEN_AT_ONCE - 1].map((n) => bench.session(`stopped-${n}`));
    expect([last, kept?.phase]).toEqual([undefined, 'BARRED']);
    expect(bench.session('live')?.phase).toBe('OPEN');
  });

  test('the stop of a stream that a start replaced got lost when that start was the session too many', async () => {
    const bench = await TaskBench.open();
    const start = (session: string, second: number) => ({ ...report('START', session, second), device: 'tv' });
    bench.send(start('old', 0));
    for (let n = 1; n < MAX_SESSIONS_PER_ACCOUNT; n++) bench.send(report('TERMINATE', `stopped-${n}`, 0));
    bench.takeOutputs();
    bench.send(start('new', 1));
    const outputs = bench.takeOutputs();
    expect(outputs).toContainEqual({ forgotten: 'stopped-1' });
    expect(outputs).toContainEqual(expect.objectContaining({ session: 'old', verdict: 'STOP', reason: 'replaced' }));
    expect(outputs).not.toContainEqual({ forgotten: 'old' });
    expect(bench.session('old')).toMatchObject({ phase: 'BARRED', endReason: 'replaced' });
  });

  test.each(['TERMINATE', 'STOP'] as const)(
    'does not let a session back that was forgotten after its %s',
    async (type) => {
      const bench = await TaskBench.open();
      bench.send(report('START', 'first', 0));
      bench.send(report(type, 'first', 0));
      for (let n = 0; n < MAX_SESSIONS_PER_ACCOUNT; n++) {
        bench.send(report('TERMINATE', `other-${n}`, 1));
      }
      expect(bench.session('first')).toBeUndefined();
      bench.send({ ...report('BEAT', 'first', 2), ticketExpiresAt: EPOCH_MS + TICKET_LIFE_MS });
      expect(bench.session('first')).toMatchObject({ phase: 'BARRED', endReason: 'forgotten' });
      bench.send(report('BEAT', 'never-asked', 3));
      expect(bench.session('never-asked')?.phase).toBe('OPEN');
    },
  );
});

test.each([
  ['while they are remembered', false],
  ['once they are forgotten too', true],
])('an account that once had too many sessions refused evidence without a ticket for ever, %s', async (_, areSwept) => {
  const bench = await TaskBench.open();
  bench.entitle('acc-1', 5, EPOCH_MS);
  for (let n = 0; n <= MAX_SESSIONS_PER_ACCOUNT; n++) bench.send(reportOf(`1 terminate s-${n} ticket=3600`));
  bench.send(reportOf('3599 evidence before MANIFEST'));
  expect(bench.session('before')).toMatchObject({ phase: 'BARRED', endReason: 'forgotten' });
  if (areSwept) {
    for (let second = 90_100; second < 90_300; second++) bench.advanceTo(EPOCH_MS + second * 1000);
    expect(bench.account()?.sessions).toEqual([]);
  }
  bench.send(reportOf('200000 evidence fresh MANIFEST'));
  expect(bench.session('fresh')?.phase).toBe('OPEN');
});

test('a session that was terminated by somebody else was not seen at that time', async () => {
  const bench = await TaskBench.open();
  bench.send(report('START', 'a', 0));
  bench.send(report('TERMINATE', 'a', 5));
  expect(bench.session('a')).toMatchObject({ phase: 'BARRED', lastSeenAt: EPOCH_MS });
});

test(`no entitlement gives more than ${MAX_STREAMS} streams`, async () => {
  const bench = await TaskBench.open();
  bench.entitle('acc-1', 10_000, EPOCH_MS);
  for (let n = 0; n <= MAX_STREAMS; n++) {
    bench.send(report('START', `s-${n}`, 0));
  }
  expect(bench.session(`s-${MAX_STREAMS - 1}`)?.start).toMatchObject({ allowed: true, max: MAX_STREAMS });
  expect(bench.session(`s-${MAX_STREAMS}`)?.start).toMatchObject({ allowed: false, current: MAX_STREAMS });
});

test('nothing of an account is kept once its sessions are forgotten', async () => {
  const bench = await TaskBench.open();
  bench.send(report('START', 'a', 0));
  expect(bench.account()?.sessions).toEqual(['a']);
  const later = EPOCH_MS + 25 * 60 * 60 * 1000;
  // One tick for the end of its lease, one to forget it.
  bench.advanceTo(later);
  bench.advanceTo(later + 1000);
  expect(bench.account()).toBeUndefined();
});

test('a record whose key is not that of its account is refused before anything changes', async () => {
  const bench = await TaskBench.open();
  expect(() => bench.send(report('START', 'a', 0), 'demo/other')).toThrow(/acc-1 has the key demo\/other/);
  expect(bench.session('a')).toBeUndefined();
});
