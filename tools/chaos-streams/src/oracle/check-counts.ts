import { COUNTRY_WINDOW, VIEWER_WINDOW } from '../workload.ts';
import type { Findings } from './findings.ts';
import type { OracleInput, TextRecord } from './input.ts';

const START_BYTES = 8;

/** Counts by country and window, every change sent: 1, 2, 3, … to the number of beats, each once and in order. */
export function checkCountries(
  input: OracleInput,
  output: readonly TextRecord[],
  exact: boolean,
  findings: Findings,
): void {
  const expected = new Map<string, number>();
  for (const { country, timestamp } of input.beats)
    increase(expected, windowOf(country, timestamp, COUNTRY_WINDOW.sizeMs));
  const last = new Map<string, number>();
  for (const record of output) {
    const window = readWindow(record);
    const count = readCount(record);
    const previous = last.get(window) ?? 0;
    if (exact && count <= previous) findings.add('duplicated', `country ${window}: ${count} after ${previous}`);
    else if (exact && count > previous + 1) findings.add('lost', `country ${window}: ${count} after ${previous}`);
    last.set(window, count);
  }
  compareCounts('countries', expected, last, exact, findings);
}

/** Counts by viewer and window, each sent once, when the window has closed. */
export function checkClosed(
  input: OracleInput,
  output: readonly TextRecord[],
  exact: boolean,
  findings: Findings,
): void {
  const expected = new Map<string, number>();
  const { sizeMs, graceMs } = VIEWER_WINDOW;
  for (const { viewer, timestamp } of input.beats) {
    const start = Math.floor(timestamp / sizeMs) * sizeMs;
    if (start + sizeMs + graceMs <= input.streamTime(viewer)) increase(expected, windowOf(viewer, timestamp, sizeMs));
  }
  const last = new Map<string, number>();
  for (const record of output) {
    const window = readWindow(record);
    if (exact && last.has(window)) findings.add('duplicated', `closed ${window}: sent again`);
    last.set(window, readCount(record));
  }
  compareCounts('closed', expected, last, exact, findings);
}

/** Final counts. Not exact: they may be too high by what was read again. */
export function compareCounts(
  what: string,
  expected: ReadonlyMap<string, number>,
  last: ReadonlyMap<string, number>,
  exact: boolean,
  findings: Findings,
): void {
  for (const [window, count] of expected) {
    const found = last.get(window) ?? 0;
    if (found < count) findings.add('lost', `${what} ${window}: ${found} of ${count}`, count - found);
    else if (found > count && exact)
      findings.add('duplicated', `${what} ${window}: ${found} of ${count}`, found - count);
    else findings.addExcess(what, found - count);
  }
  for (const [window, count] of last) {
    if (!expected.has(window)) findings.add('wrong', `${what} ${window}: ${count}, and there is no such window`);
  }
}

function increase(counts: Map<string, number>, window: string): void {
  counts.set(window, (counts.get(window) ?? 0) + 1);
}

const windowOf = (key: string, timestamp: number, sizeMs: number): string =>
  `${key}@${Math.floor(timestamp / sizeMs) * sizeMs}`;

function readWindow({ key }: TextRecord): string {
  const end = key.length - START_BYTES;
  return `${key.toString('utf8', 0, end)}@${key.readBigInt64BE(end)}`;
}

const readCount = ({ value }: TextRecord): number => (value === null ? 0 : Number(value.readBigInt64BE(0)));
