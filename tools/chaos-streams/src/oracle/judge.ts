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

/**
 * Compares output with what the input asks for, an output at a time. Exact: each change once and in order; else nothing lost, and counts that are too high are summed
 * up in `excess`.
 */
export async function judge(
  input: OracleInput,
  read: (output: keyof OracleOutput) => Promise<readonly TextRecord[]>,
  exact: boolean,
): Promise<Findings> {
  const findings = new Findings();
  checkCountries(input, await read('countries'), exact, findings);
  checkClosed(input, await read('closed'), exact, findings);
  checkSessions(input, await read('sessions'), exact, findings);
  checkPairs(input, await read('pairs'), exact, findings);
  checkProfiled(input, await read('profiled'), exact, findings);
  return findings;
}
