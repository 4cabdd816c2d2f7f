import { SESSION } from '../workload.ts';
import { compareCounts } from './check-counts.ts';
import type { Findings } from './findings.ts';
import type { OracleInput, TextRecord } from './input.ts';

interface Session {
  start: number;
  end: number;
  count: number;
}

const TIME_BYTES = 8;

/** Sessions by viewer: every change in order, null for each session that became part of another one. */
export function checkSessions(
  input: OracleInput,
  output: readonly TextRecord[],
  exact: boolean,
  findings: Findings,
): void {
  const { changes, sessions } = expectedSessions(input);
  if (exact) compareChanges(changes, output.map(readChange), findings);
  const last = new Map<string, number>();
  for (const change of output.map(readChange)) {
    if (change.count === null) last.delete(change.session);
    else last.set(change.session, change.count);
  }
  // What is not as expected has been counted with the changes.
  if (exact) return;
  // Where the changelog was written and the output was not, the null of a session that became part of another one is never sent.
  for (const session of passingSessions(changes)) if (!sessions.has(session)) last.delete(session);
  compareCounts('sessions', sessions, last, false, findings);
}

/** What the operator sends, by viewer, and what is left in the end. */
function expectedSessions({ beats }: OracleInput): {
  readonly changes: Map<string, string[]>;
  readonly sessions: Map<string, number>;
} {
  const changes = new Map<string, string[]>();
  const byViewer = new Map<string, Session[]>();
  for (const { viewer, timestamp } of beats) {
    const present = byViewer.get(viewer) ?? [];
    const sent = changes.get(viewer) ?? [];
    byViewer.set(viewer, addToSessions(viewer, present, timestamp, sent));
    changes.set(viewer, sent);
  }
  const sessions = new Map<string, number>();
  for (const [viewer, left] of byViewer)
    for (const { start, end, count } of left) sessions.set(nameOf(viewer, start, end), count);
  return { changes, sessions };
}

/** Every session there ever is. */
function* passingSessions(changes: ReadonlyMap<string, readonly string[]>): Generator<string> {
  for (const texts of changes.values()) for (const text of texts) yield text.slice(0, text.indexOf('='));
}

/** The sessions with the record; what is sent goes to `sent`. `present` is in the order of the ends. */
function addToSessions(viewer: string, present: readonly Session[], timestamp: number, sent: string[]): Session[] {
  const gap = SESSION.inactivityGapMs;
  const merged: Session = { start: timestamp, end: timestamp, count: 1 };
  const joined = present.filter(({ start, end }) => end >= timestamp - gap && start <= timestamp + gap);
  for (const { start, end, count } of joined) {
    merged.start = Math.min(merged.start, start);
    merged.end = Math.max(merged.end, end);
    merged.count += count;
  }
  if (merged.start !== timestamp || merged.end !== timestamp)
    for (const { start, end } of joined) sent.push(`${nameOf(viewer, start, end)}=null`);
  sent.push(`${nameOf(viewer, merged.start, merged.end)}=${merged.count}`);
  return [...present.filter((session) => !joined.includes(session)), merged].sort(
    (a, b) => a.end - b.end || a.start - b.start,
  );
}

function compareChanges(
  expected: ReadonlyMap<string, readonly string[]>,
  output: readonly { readonly viewer: string; readonly text: string }[],
  findings: Findings,
): void {
  const found = new Map<string, string[]>();
  for (const { viewer, text } of output) {
    const texts = found.get(viewer);
    if (texts === undefined) found.set(viewer, [text]);
    else texts.push(text);
  }
  for (const [viewer, wanted] of expected) {
    const got = found.get(viewer) ?? [];
    if (wanted.length === got.length && wanted.every((text, index) => text === got[index])) continue;
    const counts = new Map<string, number>();
    for (const text of wanted) counts.set(text, (counts.get(text) ?? 0) + 1);
    for (const text of got) counts.set(text, (counts.get(text) ?? 0) - 1);
    const differences = [...counts].filter(([, count]) => count !== 0);
    for (const [text, count] of differences) {
      if (count > 0) findings.add('lost', `session change ${text}`, count);
      else if (wanted.includes(text)) findings.add('duplicated', `session change ${text}`, -count);
      else findings.add('wrong', `session change ${text}`, -count);
    }
    if (differences.length === 0) findings.add('wrong', `session changes of ${viewer} in another order`);
  }
  for (const viewer of found.keys())
    if (!expected.has(viewer)) findings.add('wrong', `sessions of ${viewer}, who is nobody`);
}

function readChange({ key, value }: TextRecord): {
  viewer: string;
  session: string;
  text: string;
  count: number | null;
} {
  const at = key.length - 2 * TIME_BYTES;
  const viewer = key.toString('utf8', 0, at);
  const session = nameOf(viewer, Number(key.readBigInt64BE(at + TIME_BYTES)), Number(key.readBigInt64BE(at)));
  const count = value === null ? null : Number(value.readBigInt64BE(0));
  return { viewer, session, text: `${session}=${count}`, count };
}

const nameOf = (viewer: string, start: number, end: number): string => `${viewer}@${start}-${end}`;
