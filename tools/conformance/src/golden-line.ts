/** Compares one line of a golden file, of either format, with what comes out here. */
import { isDeepStrictEqual } from 'node:util';
import { runAppendixCase } from './appendix-case.ts';
import type { AppendixCase } from './appendix-case.ts';
import { runCase } from './declarative-case.ts';
import type { DeclarativeCase } from './declarative-case.ts';

/** Where ours differs on purpose: the reasons are in the package's README under "Differences from Kafka Streams". */
const BY_DESIGN: ReadonlySet<string> = new Set(['upstreamDefect', 'emitCloseDefaultRetention']);

/** The first thing that is not the same. */
export interface Difference {
  readonly field: string;
  readonly expected: unknown;
  readonly got: unknown;
}

/** What became of a case. */
export interface CaseOutcome {
  readonly id: string;
  readonly verdict: 'identical' | 'by design' | 'different';
  readonly difference: Difference | undefined;
}

/** Runs a line. Never throws for what a case does, only for a line that is no case. */
export function checkLine(line: string): CaseOutcome {
  const golden = JSON.parse(line) as AppendixCase | DeclarativeCase;
  if (typeof golden.topology === 'string') {
    const named = golden as AppendixCase;
    const difference = attempt(() =>
      firstDifference({ out: named.out, dropped: named.dropped }, runAppendixCase(named)),
    );
    return { id: `${named.topology} ${named.case}`, verdict: verdictOf(difference, []), difference };
  }
  const declared = golden as DeclarativeCase;
  const difference = attempt(() => firstDifference(expectedOf(declared), runCase(declared)));
  return { id: declared.id, verdict: verdictOf(difference, declared.tags ?? []), difference };
}

/** What a case says; of an error the class and where it comes, not its message. */
export function expectedOf(golden: DeclarativeCase): Record<string, unknown> {
  const { error, describe, internal, dropped, out, stores } = golden;
  const expected = { describe, internal, dropped, out, stores };
  const present = Object.entries(expected).filter(([, value]) => value !== undefined);
  const { phase, class: name, input } = error ?? {};
  const failure = error === undefined ? undefined : { phase, class: name, ...(input === undefined ? {} : { input }) };
  return { error: failure, ...Object.fromEntries(present) };
}

function firstDifference(expected: object, got: object): Difference | undefined {
  for (const [field, value] of Object.entries(expected)) {
    const other = (got as Record<string, unknown>)[field];
    if (!isDeepStrictEqual(value, other)) return narrowed(field, value, other);
  }
  return undefined;
}

/** Down to the first element of a list that differs. */
function narrowed(field: string, expected: unknown, got: unknown): Difference {
  if (!Array.isArray(expected) || !Array.isArray(got)) return { field, expected, got };
  const index = expected.findIndex((value, i) => !isDeepStrictEqual(value, got[i]));
  const at = index < 0 ? expected.length : index;
  return { field: `${field}[${at}]`, expected: expected[at] as unknown, got: got[at] as unknown };
}

function attempt(compare: () => Difference | undefined): Difference | undefined {
  try {
    return compare();
  } catch (error) {
    return { field: 'error', expected: undefined, got: error instanceof Error ? error.message : String(error) };
  }
}

function verdictOf(difference: Difference | undefined, tags: readonly string[]): CaseOutcome['verdict'] {
  if (difference === undefined) return 'identical';
  return tags.some((tag) => BY_DESIGN.has(tag)) ? 'by design' : 'different';
}
