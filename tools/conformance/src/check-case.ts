import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { CaseResult, GoldenCase, Op } from './golden-case.ts';
import { runCase } from './run-case.ts';

/** What became of a case, with what is not the same. */
export interface Outcome {
  readonly verdict: 'identical' | 'by design' | 'different';
  readonly difference: string;
}

/** Where ours may differ on purpose, by tag, and how: the reasons are in stream-core's docs/differences.md. */
const BY_DESIGN: Readonly<Record<string, (golden: CaseResult, got: CaseResult) => boolean>> = {
  upstreamDefect: (golden, got) => golden.error !== undefined && got.error === undefined,
  emitCloseDefaultRetention: (golden, got) =>
    got.error === undefined && got.describe === golden.describe && isDeepStrictEqual(got.internal, golden.internal),
};

/** A line of the other format (appendix A of the reference): a named topology, and out rows without topic, or with topic and in bytes. */
interface NamedCase extends Pick<GoldenCase, 'in' | 'dropped'> {
  readonly topology: string;
  readonly case: number;
  readonly out: readonly (readonly unknown[])[][];
}

const namedTopologies = readFileSync(new URL('../named-topologies.jsonl', import.meta.url), 'utf8');
const TOPOLOGIES = new Map(
  namedTopologies
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { name: string; topology: Op[] })
    .map(({ name, topology }) => [name, topology]),
);

/** Runs a line and compares. Never throws: a line that is no case is different. */
export function checkCase(line: string): Outcome {
  let id = 'no case';
  try {
    const read = JSON.parse(line) as GoldenCase | NamedCase;
    const golden = typeof read.topology === 'string' ? declared(read as NamedCase) : (read as GoldenCase);
    ({ id } = golden);
    const got = golden === read ? runCase(golden) : withoutHeaders(runCase(golden));
    const difference = differenceOf(golden, got);
    const isByDesign = golden.tags?.some((tag) => BY_DESIGN[tag]?.(golden, got)) ?? false;
    if (difference === undefined) return { verdict: 'identical', difference: '' };
    return { verdict: isByDesign ? 'by design' : 'different', difference: `${id}: ${difference}` };
  } catch (error) {
    return { verdict: 'different', difference: `${id}: ${String(error)}` };
  }
}

function declared({ topology: name, case: number, out, ...rest }: NamedCase): GoldenCase {
  const topology = TOPOLOGIES.get(name);
  if (topology === undefined) throw new RangeError(`there is no topology named ${name}`);
  const raw = out.flat().some((row) => row.length > 3);
  const rows = raw ? out : out.map((list) => list.map((row) => ['out', ...row]));
  return { ...rest, id: `${name} ${number}`, topology, out: rows, raw };
}

/** Rows in bytes of that format have no headers. */
function withoutHeaders({ out = [], ...rest }: CaseResult): CaseResult {
  return { ...rest, out: out.map((rows) => (rows as unknown[][]).map((row) => row.slice(0, 4))) };
}

/** The first thing that is not the same; of an error only phase, class and input count, its message is for the reader. */
function differenceOf(golden: CaseResult, got: CaseResult): string | undefined {
  const { phase, class: name, input } = golden.error ?? {};
  const error = golden.error && { phase, class: name, ...(input === undefined ? {} : { input }) };
  if (!isDeepStrictEqual(error, got.error)) return shown('error', error, got.error);
  const field = (['describe', 'internal', 'out', 'dropped', 'stores'] as const).find(
    (name) => golden[name] !== undefined && !isDeepStrictEqual(golden[name], got[name]),
  );
  return field && shown(field, golden[field], got[field], DEPTHS[field] ?? 0);
}

/** How far down a difference is looked for: the line of a text, the topic, the record of an input. */
const DEPTHS: Readonly<Record<string, number>> = { describe: 1, internal: 1, out: 2 };

function shown(field: string, expected: unknown, came: unknown, depth = 0): string {
  const list = (value: unknown): unknown => (typeof value === 'string' ? value.split('\n') : value);
  const [expectedList, cameList] = [list(expected), list(came)];
  if (depth > 0 && Array.isArray(expectedList) && Array.isArray(cameList)) {
    const index = [...expectedList, null].findIndex((value, i) => !isDeepStrictEqual(value, cameList[i]));
    return shown(`${field}[${index}]`, expectedList[index], cameList[index], depth - 1);
  }
  return `${field}\n  expected ${JSON.stringify(expected)}\n  came     ${JSON.stringify(came)}`;
}
