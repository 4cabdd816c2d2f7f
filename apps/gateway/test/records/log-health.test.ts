import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { LogHealth } from '../../src/records/log-health.ts';

function startHealth({ probeTimeoutMs = 60_000 } = {}) {
  const clock = { now: 1_000_000 };
  const questions: PromiseWithResolvers<void>[] = [];
  const health = new LogHealth({
    probe: () => {
      const question = Promise.withResolvers<void>();
      questions.push(question);
      return question.promise;
    },
    monotonicMs: () => clock.now,
    probeTimeoutMs,
  });
  return { clock, questions, health };
}

/** Lets what has been settled be noticed. */
const settled = () =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

describe('LogHealth', () => {
  it('is not ready after a failure and ready after an acknowledgement', () => {
    const { health } = startHealth();
    expect(health.check()).toBe(true);
    health.failed('Kafka did not acknowledge');
    expect(health.check()).toBe('Kafka did not acknowledge');
    health.succeeded();
    expect(health.check()).toBe(true);
  });

  it('was ready for as long as nothing was written to a dead Kafka: it asks, and believes a refusal', async () => {
    const { health, questions, clock } = startHealth();
    expect(health.check()).toBe(true);
    questions[0]?.reject(new Error('connection refused'));
    await settled();
    expect(health.check()).toBe('Kafka does not answer: connection refused');
    clock.now += 1000;
    expect(health.check()).toBe('Kafka does not answer: connection refused');
    questions[1]?.resolve();
    await settled();
    expect(health.check()).toBe(true);
  });

  it('takes a question without an answer for a failure, and a late answer for a success', async () => {
    const { health, questions, clock } = startHealth({ probeTimeoutMs: 1 });
    const deadline = Date.now() + 30_000;
    while (health.check() === true && Date.now() < deadline) await settled();
    expect(health.check()).toBe('Kafka did not answer within 1 ms');
    clock.now += 5000;
    health.check();
    expect(questions).toHaveLength(1);
    questions[0]?.resolve();
    await settled();
    expect(health.check()).toBe(true);
  });

  it('asks no more often than every second, and not while records are acknowledged', async () => {
    const { health, questions, clock } = startHealth();
    for (let asked = 0; asked < 5; asked++) health.check();
    questions[0]?.resolve();
    await settled();
    clock.now += 999;
    health.check();
    expect(questions).toHaveLength(1);
    health.succeeded();
    clock.now += 999;
    health.check();
    expect(questions).toHaveLength(1);
    clock.now += 1;
    health.check();
    expect(questions).toHaveLength(2);
  });

  it('keeps to an acknowledgement that came after the question when the question fails', async () => {
    const { health, questions, clock } = startHealth();
    health.check();
    clock.now += 10;
    health.succeeded();
    questions[0]?.reject(new Error('connection lost'));
    await settled();
    expect(health.check()).toBe(true);
  });

  describe('by the clock of the machine', () => {
    afterEach(() => void jest.useRealTimers());

    it('did not ask Kafka again for as long as the clock had gone back', async () => {
      jest.useFakeTimers({ now: 1_800_000_000_000 });
      const probe = jest.fn(() => Promise.reject(new Error('connection refused')));
      const health = new LogHealth({ probe, probeTimeoutMs: 100, monotonicMs: () => performance.now() });
      health.check();
      await jest.advanceTimersByTimeAsync(0);
      jest.setSystemTime(1_800_000_000_000 - 3_600_000);
      await jest.advanceTimersByTimeAsync(1000);
      health.check();
      expect(probe).toHaveBeenCalledTimes(2);
    });
  });
});
