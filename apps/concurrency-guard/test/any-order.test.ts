import { expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { isLive } from '../src/session-state.ts';
import type { SessionState } from '../src/stored-session.ts';
import { EPOCH_MS, reportOf } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

// Deadlines are for a machine that does much else meanwhile.
jest.setTimeout(60_000);

const LIMIT = 2;
const DEVICES: Readonly<Record<string, string>> = { a: 'tv', b: 'tv', c: 'phone', d: 'tablet', e: 'laptop', f: '-' };
const SESSIONS = Object.keys(DEVICES);

const action = fc.record({
  session: fc.constantFrom(...SESSIONS),
  kind: fc.constantFrom('start', 'beat', 'beat', 'beat', 'event', 'cmcd', 'cmcd', 'stop', 'terminate', 'evidence'),
  number: fc.nat({ max: 9 }),
  state: fc.constantFrom('p', 'p', 'a', 'e', '-'),
  late: fc.integer({ min: 0, max: 9 }).map((n) => (n === 0 ? ' late' : '')),
  afterSeconds: fc.constantFrom(0, 0, 1, 5, 10, 26),
});
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** The action as a step of a scenario at `seconds`. */
function stepOf({ session, kind, number, state, late }: Action, seconds: number): string {
  const device = ` device=${DEVICES[session]}`;
  switch (kind) {
    case 'start':
      return `${seconds} start ${session} ${DEVICES[session]}${late}`;
    case 'cmcd':
      return `${seconds} cmcd ${session} ${number % 2 === 0 ? 't' : 'ps'} ${number} ${state} ts=${number}${device}${late}`;
    case 'evidence':
      return `${seconds} evidence ${session} MANIFEST${device}`;
    default:
      return `${seconds} ${kind} ${session} ${number}${device}${late}`;
  }
}

/** Steps whose received times follow the log, as those of one gateway do. */
const log = fc.array(action, { minLength: 1, maxLength: 60 }).map((actions) => {
  let seconds = 0;
  return actions.map((one) => stepOf(one, (seconds += one.afterSeconds)));
});

function statesOf(bench: TaskBench): readonly (SessionState | undefined)[] {
  return SESSIONS.map((session) => bench.session(session));
}

test('never lets more streams live than allowed, at any point of any log', async () => {
  // Times may go back here, as they do where two gateways write to one partition.
  const skewed = fc.array(fc.tuple(action, fc.nat({ max: 120 })), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(skewed, async (actions) => {
      const bench = await TaskBench.open();
      let nowMs = -1;
      bench.entitle('acc-1', LIMIT, EPOCH_MS);
      for (const [one, seconds] of actions) {
        bench.send(reportOf(stepOf(one, seconds)));
        nowMs = Math.max(nowMs, EPOCH_MS + seconds * 1000);
        const live = statesOf(bench).filter((state) => state !== undefined && isLive(state, nowMs));
        expect(live.length).toBeLessThanOrEqual(LIMIT);
        const devices = live.map((state) => state?.device).filter((device) => device !== '-' && device !== null);
        expect(new Set(devices).size).toBe(devices.length);
      }
    }),
    { numRuns: 100 },
  );
});

test('a crash anywhere, and reading again from anywhere before it, ends in the state of an undisturbed run', async () => {
  await fc.assert(
    fc.asyncProperty(log, fc.nat(), fc.nat(), async (steps, crash, committed) => {
      const crashAt = crash % steps.length;
      const readAgainFrom = committed % (crashAt + 1);
      const undisturbed = await TaskBench.open();
      const crashed = await TaskBench.open();
      steps.forEach((step) => undisturbed.send(reportOf(step)));
      steps.slice(0, crashAt + 1).forEach((step) => crashed.send(reportOf(step)));
      await crashed.restart();
      steps.slice(readAgainFrom).forEach((step) => crashed.send(reportOf(step)));
      expect(statesOf(crashed)).toEqual(statesOf(undisturbed));
      expect(crashed.account()).toEqual(undisturbed.account());
    }),
    { numRuns: 100 },
  );
});

test('what was announced before a crash and after it together is all that an undisturbed run announces', async () => {
  await fc.assert(
    fc.asyncProperty(log, fc.nat(), async (steps, crash) => {
      const crashAt = crash % steps.length;
      const undisturbed = await TaskBench.open();
      const crashed = await TaskBench.open();
      steps.forEach((step) => undisturbed.send(reportOf(step)));
      // The state of the record at the crash reached Kafka, what it announced did not; nothing was committed since.
      steps.slice(0, crashAt).forEach((step) => crashed.send(reportOf(step)));
      const announced = crashed.takeOutputs();
      crashed.send(reportOf(steps[crashAt] ?? ''));
      crashed.takeOutputs();
      await crashed.restart();
      steps.slice(crashAt).forEach((step) => crashed.send(reportOf(step)));
      const all = new Set([...announced, ...crashed.takeOutputs()].map((output) => JSON.stringify(output)));
      const missing = undisturbed.takeOutputs().filter((output) => !all.has(JSON.stringify(output)));
      expect(missing).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
