import type { Fault } from './faults/fault-schedule.ts';
import type { ChaosOptions } from './options.ts';
import type { Findings } from './oracle/findings.ts';

/** What came of a run. */
export interface ChaosReport {
  readonly findings: Findings;
  /** What did not get on in time, and instances that ended by themselves. */
  readonly stuck: readonly string[];
  readonly zombieWritesRefused: number;
  readonly aborted: number;
  readonly faults: Readonly<Record<Fault, number>>;
  readonly connectionsCut: number;
  readonly inputRecords: number;
  /** Beats, and records of the repartition topic, that were taken more than once. */
  readonly readAgain: number;
  readonly recordsPerCommit: number;
}

/** Whether what the guarantee promises held. */
export function isKept({ guarantee }: ChaosOptions, { findings, stuck, readAgain }: ChaosReport): boolean {
  if (stuck.length > 0 || findings.count('lost') > 0 || findings.count('wrong') > 0) return false;
  return guarantee === 'exactly_once' ? findings.count('duplicated') === 0 : findings.excess <= 4 * readAgain;
}

/** The lines of a report, the one that counts last. */
export function reportLines(options: ChaosOptions, report: ChaosReport): string[] {
  const { findings, stuck, faults, zombieWritesRefused, aborted } = report;
  const done = Object.entries(faults).map(([fault, count]) => `${fault} ${count}`);
  return [
    ...findings.examples,
    ...stuck.map((what) => `stuck: ${what}`),
    `${done.join(' ')} connections-cut ${report.connectionsCut}`,
    `input ${report.inputRecords} records-per-commit ${report.recordsPerCommit} read-again ${report.readAgain} excess ${findings.excess}`,
    `seed ${options.seed} ${options.guarantee} ${options.broker}: ` +
      `lost ${findings.count('lost')} duplicated ${findings.count('duplicated')} wrong ${findings.count('wrong')} stuck ${stuck.length} ` +
      `zombie-writes-refused ${zombieWritesRefused} aborted ${aborted}`,
  ];
}
