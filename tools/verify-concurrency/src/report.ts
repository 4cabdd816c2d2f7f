import type { AbuseCounts } from './clients/abuse.ts';
import type { Unchecked } from './checks/count-unchecked.ts';
import type { Fault } from './faults.ts';
import { FAULTS } from './faults.ts';
import type { AccountSeen, LogSeen, Violation } from './history.ts';
import { RULES } from './history.ts';

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
    ...Object.fromEntries(FAULTS.map((fault) => [fault, report.faults[fault]])),
    replays: abuse.replays,
    'forged-tickets': abuse.forgedTickets,
    'forged-sequences': abuse.forgedSequences,
    'foreign-stops': abuse.foreignStops,
  };
}

/** `a 1 b 2 …` */
export const line = (totals: SeedTotals): string =>
  Object.entries(totals)
    .map(([name, count]) => `${name} ${count}`)
    .join(' ');

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
