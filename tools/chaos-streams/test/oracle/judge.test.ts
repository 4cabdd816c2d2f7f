import { describe, expect, test } from '@jest/globals';
import { oracleInput } from '../../src/oracle/input.ts';
import type { TextRecord } from '../../src/oracle/input.ts';
import { judge } from '../../src/oracle/judge.ts';
import type { OracleOutput } from '../../src/oracle/judge.ts';

const CLOSING = 7_200_000;
let offset = 0;
const record = (key: string | Buffer, value: string | Buffer | null, timestamp = 0): TextRecord => ({
  partition: 0,
  offset: offset++,
  timestamp,
  key: Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
});
const long = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
};
const windowKey = (key: string, ...times: number[]): Buffer => Buffer.concat([Buffer.from(key), ...times.map(long)]);

/** One viewer, whose last beat closes the windows. */
const INPUT = oracleInput(
  {
    beats: [
      record('a', '0|de', 0),
      record('a', '1|de', 1_000),
      record('a', '2|fr', 5_000),
      record('a', '3|de', CLOSING),
    ],
    stops: [record('a', 's', 1_500)],
    profiles: [record('a', '1'), record('a', '2')],
  },
  CLOSING,
);

const session = (start: number, end: number, count: number | null): TextRecord =>
  record(windowKey('a', end, start), count === null ? null : long(count));

/** What a correct application writes. */
const OUTPUT: OracleOutput = {
  countries: [
    record(windowKey('de', 0), long(1)),
    record(windowKey('de', 0), long(2)),
    record(windowKey('fr', 0), long(1)),
    record(windowKey('de', CLOSING), long(1)),
  ],
  closed: [record(windowKey('a', 0), long(2)), record(windowKey('a', 5_000), long(1))],
  sessions: [
    session(0, 0, 1),
    session(0, 0, null),
    session(0, 1_000, 2),
    session(5_000, 5_000, 1),
    session(CLOSING, CLOSING, 1),
  ],
  pairs: [record('a', '1|s')],
  profiled: [record('a', '0|1'), record('a', '1|1'), record('a', '2|2'), record('a', '3|2')],
};

type Change = (records: readonly TextRecord[]) => readonly TextRecord[];
const without: (index: number) => Change = (index) => (records) => records.filter((_, at) => at !== index);
const twice: (index: number) => Change = (index) => (records) => [...records, records[index] as TextRecord];
const plus: (added: TextRecord) => Change = (added) => (records) => [...records, added];
const swapped: (index: number) => Change = (index) => (records) =>
  records.with(index, records[index + 1] as TextRecord).with(index + 1, records[index] as TextRecord);

async function countsOf(topic: keyof OracleOutput, change: Change, exact: boolean) {
  const changed = { ...OUTPUT, [topic]: change(OUTPUT[topic]) };
  const findings = await judge(INPUT, (output) => Promise.resolve(changed[output]), exact);
  return {
    lost: findings.count('lost'),
    duplicated: findings.count('duplicated'),
    wrong: findings.count('wrong'),
    excess: findings.excess('countries') + findings.excess('closed') + findings.excess('sessions'),
  };
}

const FINE = { lost: 0, duplicated: 0, wrong: 0, excess: 0 };

describe('the oracle', () => {
  test.each([true, false])('finds nothing in what a correct application writes (exact: %s)', async (exact) => {
    expect(await countsOf('pairs', (records) => records, exact)).toEqual(FINE);
  });

  test.each<[keyof OracleOutput, string, Change, Partial<typeof FINE>]>([
    ['countries', 'a count that was not sent', without(3), { lost: 1 }],
    ['countries', 'a count that was left out between others', without(0), { lost: 1 }],
    ['countries', 'a count sent twice', twice(1), { duplicated: 1 }],
    ['countries', 'a record counted twice', plus(record(windowKey('fr', 0), long(2))), { duplicated: 1 }],
    ['countries', 'a window that is none', plus(record(windowKey('pl', 0), long(1))), { wrong: 1 }],
    ['closed', 'a window that was not sent', without(1), { lost: 1 }],
    ['closed', 'a window sent twice', twice(1), { duplicated: 1 }],
    ['closed', 'a window sent before it closed', plus(record(windowKey('a', CLOSING), long(1))), { wrong: 1 }],
    ['sessions', 'a session that was not sent', without(3), { lost: 1 }],
    ['sessions', 'a change sent twice', twice(3), { duplicated: 1 }],
    ['sessions', 'changes in another order', swapped(1), { wrong: 1 }],
    ['sessions', 'a session that is none', plus(session(1, 2, 1)), { wrong: 1 }],
    ['pairs', 'a pair that was not sent', without(0), { lost: 1 }],
    ['pairs', 'a pair sent twice', twice(0), { duplicated: 1 }],
    ['pairs', 'a pair too far apart', plus(record('a', '0|s')), { wrong: 1 }],
    ['profiled', 'a beat that was not sent', without(1), { lost: 1 }],
    ['profiled', 'a beat sent twice', twice(3), { duplicated: 1 }],
    ['profiled', 'versions that go back', swapped(1), { wrong: 1 }],
    ['profiled', 'an old version when all were there', (all) => all.with(3, record('a', '3|1')), { wrong: 1 }],
    ['profiled', 'a version that was never written', (all) => all.with(3, record('a', '3|9')), { wrong: 1 }],
  ])('exactly once, in %s, finds %s', async (topic, _what, change, expected) => {
    expect(await countsOf(topic, change, true)).toEqual({ ...FINE, ...expected });
  });

  test.each<[keyof OracleOutput, string, Change, Partial<typeof FINE>]>([
    ['countries', 'allows counts that are sent again', twice(1), {}],
    ['countries', 'sums up what was counted again', plus(record(windowKey('fr', 0), long(3))), { excess: 2 }],
    ['countries', 'finds a final count that is too low', plus(record(windowKey('de', 0), long(1))), { lost: 1 }],
    ['closed', 'finds a window that was not sent', without(1), { lost: 1 }],
    ['sessions', 'finds a session that is gone', plus(session(5_000, 5_000, null)), { lost: 1 }],
    ['sessions', 'allows a session whose end nobody was told', without(1), {}],
    ['sessions', 'finds a session that never was', plus(session(1, 2, 1)), { wrong: 1 }],
    ['sessions', 'sums up what was counted again', plus(session(5_000, 5_000, 2)), { excess: 1 }],
    ['pairs', 'allows pairs that are sent again', twice(0), {}],
    ['pairs', 'finds a pair that was not sent', without(0), { lost: 1 }],
    ['profiled', 'allows versions that go back', swapped(1), {}],
    ['profiled', 'finds a beat that was not sent', without(1), { lost: 1 }],
  ])('at least once, in %s, %s', async (topic, _what, change, expected) => {
    expect(await countsOf(topic, change, false)).toEqual({ ...FINE, ...expected });
  });
});
