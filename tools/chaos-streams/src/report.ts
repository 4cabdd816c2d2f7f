import type { Fault } from './faults/fault-schedule.ts';
import type { ChaosOptions } from './options.ts';
import type { Findings } from './oracle/findings.ts';

/** What came of a run. */
export interface ChaosReport {
  readonly findings: Findings;
  /** What did not get on in time, and instances that ended by themselves. */
  readonly stuck: readonly string[];
  readonly zombieWritesRefused: number;
  /** The same by API and error. */
  readonly refusals: ReadonlyMap<string, number>;
  readonly aborted: number;
  readonly faults: Readonly<Record<Fault, number>>;
  readonly connectionsCut: number;
  readonly inputRecords: number;
  /** Beats that were read more than once, and records of the repartition topic, those that were written more than once included. */
  readonly readAgain: { readonly beats: number; readonly countries: number };
  readonly recordsPerCommit: number;
}

/** Outputs that count, and what they count. */
const COUNTED = [
  ['countries', 'countries'],
  ['closed', 'beats'],
  ['sessions', 'beats'],
] as const;

/** Whether what the guarantee promises held. */
export function isKept(
  { guarantee, inPlace, store }: ChaosOptions,
  { findings, stuck, readAgain }: ChaosReport,
): boolean {
  if (stuck.length > 0 || findings.count('lost') > 0 || findings.count('wrong') > 0) return false;
  if (guarantee === 'exactly_once') return findings.count('duplicated') === 0;
  // A store that is where its task begins again counts nothing twice; what went through a repartition topic may lie there twice.
  const isExact = inPlace && store !== 'memory';
  return COUNTED.every(([output, readFrom]) => {
    const allowed = isExact && readFrom === 'beats' ? 0 : readAgain[readFrom];
    return findings.excess(output) <= allowed;
  });
}

/** The lines of a report, the one that counts last. */
export function reportLines(options: ChaosOptions, report: ChaosReport): string[] {
  const { findings, stuck, faults, zombieWritesRefused, aborted } = report;
  const done = Object.entries(faults).map(([fault, count]) => `${fault} ${count}`);
  return [
    ...findings.examples,
    ...stuck.map((what) => `stuck: ${what}`),
    `${done.join(' ')} connections-cut ${report.connectionsCut}`,
    `refused ${Array.from(report.refusals, ([what, count]) => `${what} ${count}`).join(', ')}`,
    `input ${report.inputRecords} records-per-commit ${report.recordsPerCommit} ` +
      `read-again beats ${report.readAgain.beats} repartitioned ${report.readAgain.countries} ` +
      `excess ${COUNTED.map(([output]) => `${output} ${findings.excess(output)}`).join(' ')}`,
    `seed ${options.seed} ${options.guarantee} ${options.store} ${options.broker}${options.inPlace ? ' in place' : ''}${options.standbys > 0 ? ` ${options.standbys} standbys` : ''}: ` +
      `lost ${findings.count('lost')} duplicated ${findings.count('duplicated')} wrong ${findings.count('wrong')} stuck ${stuck.length} ` +
      `zombie-writes-refused ${zombieWritesRefused} aborted ${aborted}`,
  ];
}
