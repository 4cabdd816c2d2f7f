import type { Answer } from '../clients/gateway-client.ts';

/** Decisions have to be correct again so long after the kill. */
export const ALLOWED_MS = 8_000;

/** A question and what it was answered. */
export interface Probe {
  readonly account: string;
  /** Since the kill, milliseconds; negative before it. */
  readonly atMs: number;
  readonly tookMs: number;
  readonly answer: Answer;
}

/** All questions of a run. */
export interface Probes {
  readonly beats: readonly Probe[];
  readonly starts: readonly Probe[];
  readonly lookups: readonly Probe[];
}

/** What is printed, and which of the checks failed. */
export interface Report {
  readonly lines: readonly string[];
  readonly failures: readonly string[];
}

/** What beats, starts and lookups were answered since the kill, and when all was as before. */
export function reportOf({ beats, starts, lookups }: Probes, sessionTimeoutMs: number): Report {
  const unanswered = beats.filter(({ answer }) => answer.status !== 200).length;
  const others = [...starts, ...lookups].filter(({ answer }) => !EXPECTED.has(answer.status));
  const [decisionsMs, lookupsMs] = [lastWithout(starts, isDecided), lastWithout(lookups, isFresh)];
  const takeoverMs = takeover(starts);
  const lines = [
    `beats since the kill: ${after(beats).length}, ${unanswered} not answered with 200, slowest ${slowest(beats)} ms`,
    `starts since the kill: ${after(starts).length}, decided ${count(starts, isDecided)}, by the fail rule ${count(starts, (one) => !isDecided(one))}, slowest ${slowest(starts)} ms`,
    `lookups since the kill: ${after(lookups).length}, fresh ${count(lookups, isFresh)}, stale and marked ${count(lookups, isStale)}, 503 ${count(lookups, ({ answer }) => answer.status === 503)}`,
    `kill → the other guard decides for an account of the one killed: ${takeoverMs ?? 'never'}${takeoverMs === undefined ? '' : ' ms'}`,
    `kill → every lookup fresh again: ${lookupsMs} ms`,
    `kill → every decision correct again: ${decisionsMs} ms (session time-out ${sessionTimeoutMs} ms, allowed ${ALLOWED_MS} ms)`,
  ];
  const statuses = [...new Set(others.map(({ answer }) => answer.status))].join(', ');
  const failures = [
    ...(unanswered > 0 ? [`${unanswered} beats were not answered with 200`] : []),
    ...(others.length > 0 ? [`${others.length} starts and lookups were answered as nobody expects: ${statuses}`] : []),
    ...(decisionsMs > ALLOWED_MS
      ? [`decisions were correct again after ${decisionsMs} ms, allowed ${ALLOWED_MS}`]
      : []),
    ...(takeoverMs === undefined && count(starts, (one) => !isDecided(one)) > 0 ? ['nobody took over'] : []),
  ];
  return { lines, failures };
}

const EXPECTED: ReadonlySet<number> = new Set([200, 201, 409, 503]);

const isDecided = ({ answer: { status, body } }: Probe): boolean =>
  status === 409 || (status === 201 && body['checked'] === true);
const isMarked = ({ answer: { body } }: Probe): boolean => body['staleBy'] !== undefined;
const isStale = (probe: Probe): boolean => probe.answer.status === 200 && isMarked(probe);
const isFresh = (probe: Probe): boolean => probe.answer.status === 200 && !isMarked(probe);

const after = (probes: readonly Probe[]): readonly Probe[] => probes.filter(({ atMs }) => atMs >= 0);
const count = (probes: readonly Probe[], is: (probe: Probe) => boolean): number => after(probes).filter(is).length;
const slowest = (probes: readonly Probe[]): number => Math.max(0, ...after(probes).map(({ tookMs }) => tookMs));
const answeredAt = ({ atMs, tookMs }: Probe): number => atMs + tookMs;

/** From the kill to the last answer that was not yet right: when it was given. */
function lastWithout(probes: readonly Probe[], right: (probe: Probe) => boolean): number {
  return Math.max(0, ...probes.filter((one) => !right(one)).map(answeredAt));
}

/** The first decision on an account whose first start after the kill got none, so that it was the killed guard's: what follows is work that has piled up. */
function takeover(starts: readonly Probe[]): number | undefined {
  const first = new Map<string, Probe>();
  for (const one of after(starts).toSorted((a, b) => a.atMs - b.atMs)) {
    if (!first.has(one.account)) first.set(one.account, one);
  }
  const orphaned = (one: Probe): boolean => !isDecided(first.get(one.account)!);
  const decided = after(starts).filter((one) => isDecided(one) && orphaned(one));
  return decided.length === 0 ? undefined : Math.min(...decided.map(answeredAt));
}
