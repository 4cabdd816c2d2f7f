import { expect, jest, test } from '@jest/globals';
import { newTenantPolicy } from '@playhead/event-schemas';
import type { ConcurrencyLevel, PolicyRule } from '@playhead/event-schemas';
import fc from 'fast-check';
import { isLive } from '../src/session-state.ts';
import type { SessionState } from '../src/stored-session.ts';
import type { GuardOutput } from './scenario.ts';
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

/** Rules by which one record ends streams of other sessions, and by which a session is decided on more than once. */
const rules = fc.constantFrom<readonly PolicyRule[]>(
  [],
  [
    { rule: 'two', max: 2, strategy: 'end-oldest' },
    { rule: 'warm', max: 5, warmUp: { beats: 2 } },
  ],
);

/** The same, and one by which sessions are warned and the warnings taken back. */
const withGrace = fc.oneof(
  rules,
  fc.constant<readonly PolicyRule[]>([{ rule: 'one', max: 1, grace: { streams: 1, forMs: 4000 } }]),
);

async function benchWith(policies: readonly PolicyRule[]): Promise<TaskBench> {
  const bench = await TaskBench.open();
  if (policies.length > 0) {
    const document = JSON.stringify({ policy: 'p', rules: policies });
    bench.policy(newTenantPolicy({ tenant: 'demo', policy: 'p', version: 1, document, updatedAt: EPOCH_MS }));
  }
  return bench;
}

interface Crash {
  /** From this record on nothing that was announced reached Kafka, and nothing was committed; the state did. */
  readonly lostFrom: number;
  readonly crashAt: number;
  readonly policies: readonly PolicyRule[];
}

/** All that reached Kafka, in order. */
async function announcedWithCrash(
  steps: readonly string[],
  { lostFrom, crashAt, policies }: Crash,
): Promise<readonly GuardOutput[]> {
  const bench = await benchWith(policies);
  steps.slice(0, lostFrom).forEach((step) => bench.send(reportOf(step)));
  const announced = bench.takeOutputs();
  steps.slice(lostFrom, crashAt + 1).forEach((step) => bench.send(reportOf(step)));
  bench.takeOutputs();
  await bench.restart();
  steps.slice(lostFrom).forEach((step) => bench.send(reportOf(step)));
  return [...announced, ...bench.takeOutputs()];
}

/** The sessions whose verdict is not continue, by what the compacted topic keeps. */
function verdictsAfter(outputs: readonly GuardOutput[]): ReadonlyMap<string, string> {
  const verdicts = new Map<string, string>();
  for (const output of outputs) {
    if ('forgotten' in output) verdicts.delete(output.forgotten);
    else if ('verdict' in output && output.verdict === 'CONTINUE') verdicts.delete(output.session);
    else if ('verdict' in output) verdicts.set(output.session, output.verdict);
  }
  return verdicts;
}

async function undisturbedRun(steps: readonly string[], policies: readonly PolicyRule[]) {
  const bench = await benchWith(policies);
  steps.forEach((step) => bench.send(reportOf(step)));
  return bench.takeOutputs();
}

/** What was decided, without what is known of a session besides: that may be more by the time it is told again. */
function asDecided(output: GuardOutput): string {
  if ('forgotten' in output) return JSON.stringify(output);
  const { session, eventId, reason } = output;
  const decided = 'verdict' in output ? output.verdict : `${output.type} ${output.decision}`;
  return JSON.stringify({ session, eventId, reason, decided });
}

const asCounted = ({ eventId, session, type }: ConcurrencyLevel): string => `${eventId} ${session} ${type}`;

const isStop = (output: GuardOutput): boolean => 'verdict' in output && output.verdict === 'STOP';
const isOfOneRecord = (output: GuardOutput): boolean =>
  'decision' in output && (output.type === 'ADMISSION' || output.type === 'TERMINATION');

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
      const all = await announcedWithCrash(steps, { lostFrom: crashAt, crashAt, policies: [] });
      const told = new Set(all.map((output) => JSON.stringify(output)));
      const missing = (await undisturbedRun(steps, [])).filter((output) => !told.has(JSON.stringify(output)));
      expect(missing).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test('no stop, termination or decision on a start is lost, however many records a crash makes come again', async () => {
  await fc.assert(
    fc.asyncProperty(log, fc.nat(), fc.nat(), rules, async (steps, crash, committed, policies) => {
      const crashAt = crash % steps.length;
      const lostFrom = committed % (crashAt + 1);
      const all = await announcedWithCrash(steps, { lostFrom, crashAt, policies });
      const told = new Set(all.map(asDecided));
      const missing = (await undisturbedRun(steps, policies)).filter((output) => !told.has(asDecided(output)));
      // Of a session's decisions on signs of life the last one is known.
      expect(missing.filter((output) => isStop(output) || isOfOneRecord(output))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('every session has the verdict of an undisturbed run, however many records a crash makes come again', async () => {
  await fc.assert(
    fc.asyncProperty(log, fc.nat(), fc.nat(), withGrace, async (steps, crash, committed, policies) => {
      const crashAt = crash % steps.length;
      const lostFrom = committed % (crashAt + 1);
      const all = await announcedWithCrash(steps, { lostFrom, crashAt, policies });
      expect(verdictsAfter(all)).toEqual(verdictsAfter(await undisturbedRun(steps, policies)));
    }),
    { numRuns: 200 },
  );
});

test('a crash within a record, whatever of it was stored, ends in the state and verdicts of an undisturbed run', async () => {
  await fc.assert(
    fc.asyncProperty(log, fc.nat(), fc.nat(), withGrace, async (steps, crash, stored, policies) => {
      const crashAt = crash % steps.length;
      const undisturbed = await benchWith(policies);
      steps.forEach((step) => undisturbed.send(reportOf(step)));
      const crashed = await benchWith(policies);
      steps.slice(0, crashAt).forEach((step) => crashed.send(reportOf(step)));
      const announced = crashed.takeOutputs();
      const before = crashed.changes;
      crashed.send(reportOf(steps[crashAt] ?? ''));
      crashed.takeOutputs();
      await crashed.restart(before + (stored % (crashed.changes - before + 1)));
      steps.slice(crashAt).forEach((step) => crashed.send(reportOf(step)));
      expect(statesOf(crashed)).toEqual(statesOf(undisturbed));
      expect(crashed.account()).toEqual(undisturbed.account());
      const told = verdictsAfter([...announced, ...crashed.takeOutputs()]);
      expect(told).toEqual(verdictsAfter(undisturbed.takeOutputs()));
    }),
    { numRuns: 200 },
  );
});

test('the levels of the record at a crash are told again, and none that were not', async () => {
  await fc.assert(
    fc.asyncProperty(log, fc.nat(), rules, async (steps, crash, policies) => {
      const crashAt = crash % steps.length;
      const bench = await benchWith(policies);
      steps.slice(0, crashAt).forEach((step) => bench.send(reportOf(step)));
      const told = bench.takeLevels();
      bench.send(reportOf(steps[crashAt] ?? ''));
      const lost = bench.takeLevels();
      await bench.restart();
      bench.send(reportOf(steps[crashAt] ?? ''));
      const again = bench.takeLevels();
      expect(again).toEqual(expect.arrayContaining(lost));
      // A record that is in the log twice may be told of twice: readers take event id, session and type once.
      const known = new Set([...told, ...lost].map(asCounted));
      expect(again.filter((level) => !known.has(asCounted(level)))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
