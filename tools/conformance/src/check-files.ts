import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { CaseResult, GoldenCase, Op } from './adapter/golden-case.ts';
import { runCase } from './adapter/run-case.ts';

/** Differences that are shown; the others are counted. */
const MAX_SHOWN = 10;

/** What is compared, and how far down a difference is shown: the line of a text, the topic, the record of an input. */
const DEPTHS = { error: 0, describe: 1, internal: 1, out: 2, dropped: 0, stores: 0 } as const;

/** What may differ on purpose, by tag: stream-core's docs/differences.md has the reasons. */
const BY_DESIGN: Readonly<Record<string, (field: string, golden: CaseResult, got: CaseResult) => boolean>> = {
  upstreamDefect: (_field, golden, got) => golden.error !== undefined && got.error === undefined,
  emitCloseDefaultRetention: (field) => ['out', 'dropped', 'stores'].includes(field),
};

/** Runs every case of the files through the test driver; prints the first differences and a total. True: every case is identical, or differs by design. Throws for a file that cannot be read, and when there is no case at all. */
export function checkFiles(files: readonly string[], print: (line: string) => void): boolean {
  const counts = { identical: 0, 'by design': 0, different: 0 };
  for (const file of files) {
    for (const [i, line] of linesOf(file).entries()) {
      if (line.trim() === '') continue;
      const [verdict, difference] = checkLine(line);
      if (++counts[verdict] <= MAX_SHOWN && verdict === 'different') print(`${file}:${i + 1}: ${difference}`);
    }
  }
  const { identical, different, 'by design': byDesign } = counts;
  if (identical + different + byDesign === 0) throw new Error(`no case in ${files.join(', ')}`);
  if (different > MAX_SHOWN) print(`${different - MAX_SHOWN} more are different`);
  print(`identical ${identical} of ${identical + byDesign + different}, by design ${byDesign}`);
  return different === 0;
}

function linesOf(file: string): string[] {
  try {
    const bytes = readFileSync(file);
    return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').split('\n');
  } catch (error) {
    throw new Error(`${file} cannot be read: ${String(error)}`, { cause: error });
  }
}

/** A line that is no case is different. */
function checkLine(line: string): ['identical' | 'by design' | 'different', string] {
  try {
    const read = JSON.parse(line) as GoldenCase | NamedCase;
    const golden = typeof read.topology === 'string' ? declared(read as NamedCase) : (read as GoldenCase);
    const got = runCase(golden);
    const {
      message: _message,
      causeClass: _class,
      causeMessage: _cause,
      ...error
    } = (golden.error ?? {}) as Record<string, string>;
    const wanted = { ...golden, error: golden.error && error };
    const fields = Object.keys(DEPTHS) as (keyof typeof DEPTHS)[];
    const field = fields.find(
      (name) => (name === 'error' || golden[name] !== undefined) && !isDeepStrictEqual(wanted[name], got[name]),
    );
    if (field === undefined) return ['identical', ''];
    const isByDesign = golden.tags?.some((tag) => BY_DESIGN[tag]?.(field, golden, got)) ?? false;
    const difference = shown(`${golden.id}: ${field}`, wanted[field], got[field], DEPTHS[field]);
    return [isByDesign ? 'by design' : 'different', difference];
  } catch (error) {
    return ['different', String(error)];
  }
}

const named = readFileSync(new URL('../named-topologies.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const NAMED_TOPOLOGIES = new Map(named.map((line) => JSON.parse(line) as [name: string, topology: Op[]]));

/** Of appendix A: the topology by its name, rows without topic, or in bytes without headers. */
interface NamedCase extends Omit<GoldenCase, 'topology'> {
  readonly topology: string;
  readonly case: number;
  readonly out: readonly unknown[][][];
}

function declared({ topology: name, case: number, out, ...rest }: NamedCase): GoldenCase {
  const topology = NAMED_TOPOLOGIES.get(name);
  if (topology === undefined) throw new RangeError(`there is no topology named ${name}`);
  const raw = out.flat().some((row) => row.length > 3);
  const rows = raw ? out : out.map((list) => list.map((row) => ['out', ...row]));
  return { ...rest, id: `${name} ${number}`, topology, out: rows, raw, columns: 4 };
}

function shown(place: string, expected: unknown, came: unknown, depth: number): string {
  const [expectedParts, cameParts] = [expected, came].map((it) => (typeof it === 'string' ? it.split('\n') : it));
  if (depth === 0 || !Array.isArray(expectedParts) || !Array.isArray(cameParts)) {
    return `${place}\n  expected ${JSON.stringify(expected)}\n  came     ${JSON.stringify(came)}`;
  }
  const index = [...expectedParts, null].findIndex((part, i) => !isDeepStrictEqual(part, cameParts[i]));
  return shown(`${place}[${index}]`, expectedParts[index], cameParts[index], depth - 1);
}
