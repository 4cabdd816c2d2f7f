import type { AbuseCounts } from './clients/abuse.ts';
import type { Unchecked } from './checks/count-unchecked.ts';
import type { Fault } from './faults.ts';
import { FAULTS } from './faults.ts';
import { countHeard } from './checks/check-events.ts';
import { loggedStop } from './checks/holds.ts';
import type { AccountSeen, LogSeen, StartSeen, Violation } from './history.ts';
import { RULES, sessionKey } from './history.ts';

const MAX_SHOWN = 20;

/** What one run found. */
export interface SeedReport {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly accounts: readonly AccountSeen[];
  readonly faults: Readonly<Record<Fault, number>>;
  readonly abuse: Readonly<AbuseCounts>;
  readonly lookups: number;
  readonly unchecked: Unchecked;
  /** Terminations of sessions that only the gateway which had admitted them could know. */
  readonly stopsTooEarly: number;
  /** Beats that were told to go on long after a stop, of which their gateway could not hear without the broker. */
  readonly stopsUnheard: number;
  readonly log: LogSeen;
}

/** A run in numbers. */
export interface SeedTotals {
  readonly [name: string]: number;
}

/** The numbers of a run: first what must be 0, then what was done, and how often it bit. */
export function totalsOf(report: SeedReport): SeedTotals {
  const { accounts, abuse, log, unchecked } = report;
  const starts = accounts.flatMap((account) => account.starts);
  const sessions = accounts.flatMap((account) => account.sessions);
  const beats = sessions.flatMap((session) => session.beats);
  const late = [...log.beats.values()]
    .flatMap((bySequence) => [...bySequence.values()].flat())
    .filter((beat) => beat.late);
  return {
    violations: report.violations.length,
    starts: starts.length,
    admitted: starts.filter(({ status, checked }) => status === 201 && checked === true).length,
    refused: starts.filter(({ status }) => status === 409).length,
    unanswered: starts.filter(({ status }) => status !== 201 && status !== 409).length,
    unchecked: unchecked.admitted,
    'unchecked-over-limit': unchecked.overLimit,
    'stops-too-early': report.stopsTooEarly,
    'stops-unheard': report.stopsUnheard,
    'beats-acknowledged': beats.filter(({ status }) => status === 200).length,
    'beats-unanswered': beats.filter(({ status }) => status !== 200).length,
    'beats-late': late.length,
    'verdicts-stop': sessions.filter((session) => session.beats.some(({ verdict }) => verdict === 'stop')).length,
    lookups: report.lookups,
    ...ofKinds(accounts, log),
    'stops-heard': countHeard(accounts),
    'event-connections': accounts.reduce((sum, { connections }) => sum + connections, 0),
    'event-resets': accounts.flatMap(({ events }) => events.filter(({ type }) => type === 'reset')).length,
    'starts-by-wrong-clock': starts.filter(isByWrongClock).length,
    ...Object.fromEntries(FAULTS.map((fault) => [fault, report.faults[fault]])),
    replays: abuse.replays,
    'forged-tickets': abuse.forgedTickets,
    'forged-sequences': abuse.forgedSequences,
    'foreign-stops': abuse.foreignStops,
  };
}

/** What each kind of account was asked for, and how often its rule did something: a check of what never happened says nothing. */
function ofKinds(accounts: readonly AccountSeen[], log: LogSeen): SeedTotals {
  const of = (kind: AccountSeen['kind']): readonly AccountSeen[] => accounts.filter((account) => account.kind === kind);
  const startsOf = (kind: AccountSeen['kind'], status: number): number =>
    of(kind).flatMap(({ starts }) => starts.filter((start) => start.status === status)).length;
  const stopsOf = (kind: AccountSeen['kind'], reason: string): number =>
    of(kind)
      .flatMap((account) => account.sessions.map((seen) => loggedStop(seen, { account, log })))
      .filter((stop) => stop?.reason === reason).length;
  const warned = of('grace').flatMap((account) =>
    account.sessions.filter(({ session }) => {
      return log.verdicts.get(sessionKey(account, session))?.some((one) => one?.verdict === 'WARN');
    }),
  );
  const sessions = accounts.flatMap((account) => account.sessions);
  return {
    'grace-starts': warned.length,
    'grace-stops': stopsOf('grace', 'concurrency-limit'),
    'oldest-ended': stopsOf('end-oldest', 'newer-stream'),
    'kept-starts': startsOf('kept', 201),
    'kept-refusals': startsOf('kept', 409),
    'shadow-excess': startsOf('shadow', 201),
    'exempt-starts': of('exempt').flatMap(({ starts }) =>
      starts.filter(({ status, exempt }) => exempt === true && status === 201),
    ).length,
    'evidence-posts': sessions.flatMap(({ evidence }) => evidence.filter(({ status }) => status === 200)).length,
    authorized: sessions.flatMap((seen) => seen.authorizations.filter(({ status }) => status === 204)).length,
    unauthorized: sessions.flatMap((seen) => seen.authorizations.filter(({ status }) => status === 403)).length,
    'named-sessions': of('named').flatMap((account) => account.sessions).length,
    'named-ended': stopsOf('named', 'stopped-by-operator'),
    'named-refusals': stopsOf('named', 'concurrency-limit'),
    'beats-after-stop': sessions.flatMap(({ beats, stops: [stop] }) =>
      beats.filter(({ sentAt, status }) => stop !== undefined && status === 200 && sentAt >= stop.answeredAt),
    ).length,
  };
}

/** `a 1 b 2 …` */
export const line = (totals: SeedTotals): string =>
  Object.entries(totals)
    .map(([name, count]) => `${name} ${count}`)
    .join(' ');

/** Whether the gateway's clock was off as it answered. */
const isByWrongClock = ({ sentAt, answeredAt, serverTime }: StartSeen): boolean =>
  serverTime !== undefined && (serverTime < sentAt || serverTime > answeredAt);

/** The sum of runs. */
export function add(a: SeedTotals, b: SeedTotals): SeedTotals {
  return Object.fromEntries(Object.keys({ ...a, ...b }).map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
}

/** The violations, by rule; of each rule so many are shown. */
export function violationLines({ seed, violations }: SeedReport): readonly string[] {
  return RULES.flatMap((rule) => {
    const found = violations.filter((one) => one.rule === rule);
    const shown = found.slice(0, MAX_SHOWN).map(({ account, detail }) => `  ${account} ${detail}`);
    return found.length === 0 ? [] : [`seed ${seed}: ${rule} ${found.length}`, ...shown];
  });
}
