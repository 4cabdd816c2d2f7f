import { describe, expect, it } from '@jest/globals';
import { LogReader } from '../src/log-evidence.ts';

const NOW = 1_800_000_000_000;
const line = (fields: Readonly<Record<string, string>> = {}) =>
  JSON.stringify({
    at: (NOW / 1000 - 2).toFixed(3),
    id: 'req-1',
    status: '200',
    account: 'acc%201',
    session: 's-1',
    content: 'film-1',
    device: '',
    profile: '',
    ...fields,
  });
const at = (ageMs: number) => ({ at: ((NOW - ageMs) / 1000).toFixed(3) });
const reader = () => new LogReader({ intervalMs: 5_000, now: () => NOW });

describe('LogReader', () => {
  it('makes evidence of what was served, with the ids of the ticket and the time of the line', () => {
    expect(reader().read(line())).toEqual({
      account: 'acc 1',
      session: 's-1',
      kind: 'cdn-log',
      id: 'req-1',
      observedAt: NOW - 2_000,
      contentId: 'film-1',
    });
  });

  it.each(['403', '401', '404', '500', '499'])('makes none of a %s', (status) => {
    expect(reader().read(line({ status }))).toBeUndefined();
  });

  it('takes lines that are up to 60 s late, and counts later ones', () => {
    const lines = reader();
    expect(lines.read(line(at(60_000)))).toBeDefined();
    expect(lines.read(line({ ...at(60_001), session: 's-2' }))).toBeUndefined();
    expect(lines.tooLate).toBe(1);
  });

  it('gives one a session in a while', () => {
    const lines = reader();
    const ages = [20_000, 18_000, 15_000, 14_000, 9_000];
    expect(ages.map((age) => lines.read(line(at(age))) !== undefined)).toEqual([true, false, true, false, true]);
    expect(lines.read(line({ ...at(18_000), session: 's-2' }))).toBeDefined();
  });

  it('made no evidence for as long as the clock had gone back', () => {
    let now = NOW;
    const lines = new LogReader({ intervalMs: 5_000, now: () => now });
    const read = () => lines.read(line({ at: (now / 1000).toFixed(3) })) !== undefined;
    expect(read()).toBe(true);
    now -= 3_600_000;
    expect([0, 2_000, 3_000, 4_000].map((ms) => ((now += ms), read()))).toEqual([true, false, true, false]);
  });

  it.each(['', '{', '[]', 'null', '1.2.3.4 - - "GET /t/x/clip"', '{"at":"x"}'])(
    'counts %j, which is no line of ours',
    (text) => {
      const lines = reader();
      expect(lines.read(text)).toBeUndefined();
      expect(lines.unreadable).toBe(1);
    },
  );
});
