import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { seededRandom } from '@playhead/chaos-streams/testing';
import { RunClock } from '../src/clients/clock.ts';
import { FaultSchedule } from '../src/faults.ts';
import type { PlayheadSystem } from '../src/system/playhead-system.ts';

/** One in which clocks are put to and fro. */
const SEED = 3;
const RUN_MS = 200_000;
const TIMES = { intervalMs: 1_000, graceMs: 1_500, sessionTimeoutMs: 600 };

/** On a machine that is late by up to so long, by chance. */
class LateClock extends RunClock {
  readonly #latestMs: number;
  readonly #lateness = seededRandom(SEED);

  constructor(latestMs: number) {
    super(Date.now() + RUN_MS);
    this.#latestMs = latestMs;
  }

  override pause(ms: number): Promise<void> {
    return super.pause(ms + this.#latestMs * this.#lateness.next());
  }
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** The faults, and the steps of clocks, in their order. */
async function doneBy(latestMs: number): Promise<readonly (readonly string[])[]> {
  const faults: string[] = [];
  const steps: string[] = [];
  const processOf = (name: string) => {
    const note = (what: string) => () => Promise.resolve(void faults.push(`${name} ${what}`));
    return { kill: note('kill'), restart: note('restart'), freeze: note('freeze') };
  };
  const system = {
    times: TIMES,
    gateways: ['gateway-1', 'gateway-2'].map(processOf),
    guards: ['guard-1', 'guard-2'].map(processOf),
    setClock: (gateway: number, offsetMs: number) => void steps.push(`${gateway} ${offsetMs}`),
    restartBroker: () => Promise.resolve(void faults.push('broker')),
  } as unknown as PlayheadSystem;
  const random = seededRandom(SEED);
  const schedule = new FaultSchedule({ seed: SEED, system, clock: new LateClock(latestMs), random });
  // Others ask the same numbers, as attackers do.
  const others = setInterval(() => random.next(), TIMES.intervalMs + latestMs);
  const running = schedule.run();
  await jest.advanceTimersByTimeAsync(RUN_MS + latestMs);
  await running;
  clearInterval(others);
  // The last ones put the clocks right.
  return [faults, steps.slice(0, -system.gateways.length)];
}

test('which faults were done depended on how late the machine was and who else asked for numbers', async () => {
  const inTime = await doneBy(0);
  const late = await doneBy(TIMES.intervalMs);
  for (const [i, done] of late.entries()) {
    expect(done.length).toBeGreaterThan(20);
    expect(done).toEqual(inTime[i]?.slice(0, done.length));
  }
});
