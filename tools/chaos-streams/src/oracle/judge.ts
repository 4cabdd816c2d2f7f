import { checkClosed, checkCountries } from './check-counts.ts';
import { checkPairs, checkProfiled } from './check-joins.ts';
import { checkSessions } from './check-sessions.ts';
import { Findings } from './findings.ts';
import type { OracleInput, TextRecord } from './input.ts';

/** Everything that the application has written, as a reader with read_committed sees it, each partition in order. */
export interface OracleOutput {
  readonly countries: readonly TextRecord[];
  readonly closed: readonly TextRecord[];
  readonly sessions: readonly TextRecord[];
  readonly pairs: readonly TextRecord[];
  readonly profiled: readonly TextRecord[];
}

/** Compares output with what the input asks for. Exact: each change once and in order; else nothing lost, and counts that are too high are summed up in `excess`. */
export function judge(input: OracleInput, output: OracleOutput, exact: boolean): Findings {
  const findings = new Findings();
  checkCountries(input, output.countries, exact, findings);
  checkClosed(input, output.closed, exact, findings);
  checkSessions(input, output.sessions, exact, findings);
  checkPairs(input, output.pairs, exact, findings);
  checkProfiled(input, output.profiled, exact, findings);
  return findings;
}
