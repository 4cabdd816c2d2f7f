import { expect, test } from '@jest/globals';
import { FAULTS } from '../src/faults.ts';
import type { Fault } from '../src/faults.ts';
import { HELP } from '../src/options.ts';
import { totalsOf } from '../src/report.ts';

test('every word that is printed stands in --help', () => {
  const totals = totalsOf({
    seed: 1,
    violations: [],
    accounts: [],
    faults: Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>,
    abuse: { replays: 0, forgedTickets: 0, forgedSequences: 0, foreignStops: 0 },
    lookups: 0,
    unchecked: { admitted: 0, overLimit: 0 },
    stopsTooEarly: 0,
    stopsUnheard: 0,
    log: { beats: new Map() },
  } as unknown as Parameters<typeof totalsOf>[0]);
  const words = new Set(HELP.match(/[a-z]+(?:-[a-z]+)*/g));
  expect(Object.keys(totals).filter((name) => !words.has(name))).toEqual([]);
});
