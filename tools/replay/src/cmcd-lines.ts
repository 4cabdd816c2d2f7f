import type { RecordedLine } from './recording.ts';

const FINAL_STATES = new Set(['e', 'f', 'q']);
/** A member: a key, and perhaps a value in which commas stand within quotes or parentheses only. */
const MEMBER = /([a-z][\w.-]*)(?:=("(?:[^"\\]|\\.)*"|\([^)]*\)|[^,]*))?/gi;

/**
 * The CMCD lines of a body. A line is known by (sid, ts, e, sn): `sn` alone starts again within a session (players.md,
 * finding 5), and a line that is sent again has all four the same. A line without a `sid` (dash.js without a list of keys,
 * finding 2) has no identity: it shows that the player lives, and is counted apart.
 */
export function cmcdLines(body: string): readonly RecordedLine[] {
  return body
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(readLine);
}

function readLine(line: string): RecordedLine {
  const values = new Map([...line.matchAll(MEMBER)].map(([, key = '', value = '']) => [key, value]));
  const sid = values.get('sid');
  const parts = [sid, values.get('ts'), values.get('e'), values.get('sn')];
  return {
    identity: sid === undefined ? undefined : parts.map((part) => part ?? '').join(' '),
    final: FINAL_STATES.has(values.get('sta') ?? ''),
  };
}
