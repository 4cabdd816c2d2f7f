import { expect, jest, test } from '@jest/globals';
import { newTenantPolicy } from '@playhead/event-schemas';
import type { PolicyRule } from '@playhead/event-schemas';
import fc from 'fast-check';
import { slotsHeld } from '../src/policies/usage.ts';
import { isLive } from '../src/session-state.ts';
import { countedStream } from '../src/stream-facts.ts';
import { EPOCH_MS, reportOf } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

// Deadlines are for a machine that does much else meanwhile.
jest.setTimeout(60_000);

const DEVICES: Readonly<Record<string, string>> = { a: 'tv', b: 'tv', c: 'phone', d: 'tablet', e: 'laptop' };
const SESSIONS = Object.keys(DEVICES);
const EXEMPT: ReadonlySet<string> = new Set(['d']);

const happening = fc.record({
  session: fc.constantFrom(...SESSIONS),
  kind: fc.constantFrom('start', 'start', 'beat', 'beat', 'beat', 'event', 'stop', 'terminate', 'evidence'),
  number: fc.nat({ max: 9 }),
  state: fc.constantFrom('PLAYING', 'PLAYING', 'PAUSED', 'ENDED'),
  late: fc.integer({ min: 0, max: 9 }).map((n) => (n === 0 ? ' late' : '')),
  afterSeconds: fc.constantFrom(0, 0, 1, 5, 10, 26),
  // The wall clock looks for ended leases before it, the task begins anew after it.
  ticks: fc.boolean(),
  restarts: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
});
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

function stepOf({ session, kind, number, state, late }: Happening, seconds: number): string {
  const given = `device=${DEVICES[session]} state=${state}${late}`;
  if (kind === 'start')
    return `${seconds} start ${session} ${DEVICES[session]}${late}${EXEMPT.has(session) ? ' exempt' : ''}`;
  return kind === 'evidence'
    ? `${seconds} evidence ${session} MANIFEST ${given}`
    : `${seconds} ${kind} ${session} ${number} ${given}`;
}

const rules = fc.constantFrom<readonly PolicyRule[]>(
  [],
  [
    { rule: 'two', max: 2, strategy: 'end-oldest' },
    { rule: 'warm', max: 3, warmUp: { ms: 8000 } },
  ],
  [{ rule: 'one', max: 1, grace: { streams: 1, forMs: 12_000 }, paused: 'free' }],
  [{ rule: 'devices', max: 2, count: 'device', keepMs: 20_000 }],
  [{ rule: 'one', max: 1, grace: { streams: 1, forMs: 12_000 }, warmUp: { beats: 1 }, exempt: 'count' }],
  [{ rule: 'devices', max: 1, count: 'device', keepMs: 20_000, grace: { streams: 1, forMs: 12_000 } }],
);

/** What a reader makes of the levels: each event once. */
class Reader {
  level = 0;
  readonly streams = new Set<string>();
  readonly #seen = new Set<string>();

  read(bench: TaskBench): void {
    for (const { eventId, session, type, level } of bench.takeLevels()) {
      const id = `${eventId} ${session} ${type}`;
      if (this.#seen.has(id)) continue;
      this.#seen.add(id);
      this.level = level;
      if (type === 'ADMITTED') this.streams.add(session);
      // Also by DENIED: of one that came back after its lease before the end of that was announced.
      else this.streams.delete(session);
    }
  }
}

test('the levels in the log tell which streams hold a slot, whatever ends them and whenever the wall clock looks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 50 }), rules, async (happenings, policies) => {
      const bench = await TaskBench.open();
      const document = JSON.stringify({ policy: 'p', rules: policies });
      if (policies.length > 0) {
        bench.policy(newTenantPolicy({ tenant: 'demo', policy: 'p', version: 1, document, updatedAt: EPOCH_MS }));
      }
      const reader = new Reader();
      let nowMs = EPOCH_MS;
      for (const one of happenings) {
        nowMs += one.afterSeconds * 1000;
        if (one.ticks) bench.advanceTo(nowMs);
        // A session starts once.
        if (one.kind !== 'start' || bench.session(one.session) === undefined) {
          bench.send(reportOf(stepOf(one, (nowMs - EPOCH_MS) / 1000)));
        }
        reader.read(bench);
        if (one.restarts) await bench.restart();
      }
      bench.advanceTo(nowMs + 1);
      reader.read(bench);
      const live = SESSIONS.filter((session) => {
        const state = bench.session(session);
        return state !== undefined && isLive(state, nowMs + 1);
      });
      expect([...reader.streams].sort()).toEqual(live);
      const counted = live.map((session) => countedStream(bench.session(session)!, 'default'));
      expect(reader.level).toBe(slotsHeld(counted, bench.book.active('demo')));
    }),
    { numRuns: 200 },
  );
});
