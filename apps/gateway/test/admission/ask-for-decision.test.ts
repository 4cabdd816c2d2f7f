import { describe, expect, it } from '@jest/globals';
import { askForDecision } from '../../src/admission/ask-for-decision.ts';
import { FakeGuard } from '../testing/fakes.ts';

const START = {
  tenant: 'demo',
  account: 'acc-1',
  session: 's-1',
  position: { topic: 'playback.heartbeats', partition: 0, offset: 5 },
};

/** A clock that goes on by itself with every look at it. */
function steppingClock(stepMs: number): () => number {
  let now = 0;
  return () => (now += stepMs);
}

describe('askForDecision', () => {
  it('asks again, with the same position, until an owner answers', async () => {
    const guard = new FakeGuard();
    guard.silentFor = 3;
    const decision = await askForDecision(guard, START, { tryMs: 200, totalMs: 2000, monotonicMs: steppingClock(10) });
    expect(decision).toEqual(guard.decision);
    expect(guard.asked).toEqual(Array.from({ length: 4 }, () => ({ ...START, timeoutMs: 200 })));
  });

  it('gives up after the whole time, and asks the last time for what is left of it', async () => {
    const guard = new FakeGuard();
    guard.silentFor = Infinity;
    const decision = await askForDecision(guard, START, { tryMs: 200, totalMs: 500, monotonicMs: steppingClock(50) });
    expect(decision).toBeUndefined();
    const timeouts = (guard.asked as readonly { timeoutMs: number }[]).map(({ timeoutMs }) => timeoutMs);
    expect(timeouts.slice(0, 3)).toEqual([200, 200, 200]);
    expect(timeouts.at(-1)).toBeLessThan(200);
    expect(Math.min(...timeouts)).toBeGreaterThan(0);
  });

  it('asked for fractions of a millisecond, which a guard in another process refuses: with one try for all of the time every start was unchecked', async () => {
    const guard = new FakeGuard();
    guard.silentFor = 1;
    await askForDecision(guard, START, { tryMs: 2000, totalMs: 2000, monotonicMs: steppingClock(0.3) });
    expect(guard.asked).toEqual([1, 2].map(() => ({ ...START, timeoutMs: 2000 })));
  });

  it('gives up on a guard that never settles', async () => {
    const guard = new FakeGuard();
    guard.decide = () => new Promise(() => undefined);
    expect(
      await askForDecision(guard, START, { tryMs: 5, totalMs: 20, monotonicMs: steppingClock(5) }),
    ).toBeUndefined();
  });

  it('asks without a bound when Kafka did not tell the offset', async () => {
    const guard = new FakeGuard();
    const unknown = { ...START, position: { ...START.position, offset: -1 } };
    await askForDecision(guard, unknown, { tryMs: 200, totalMs: 2000, monotonicMs: steppingClock(1) });
    expect(guard.asked).toMatchObject([{ position: { offset: 0 } }]);
  });
});
