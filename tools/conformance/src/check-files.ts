import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { checkLine } from './golden-line.ts';
import type { CaseOutcome } from './golden-line.ts';

/** Differences that are shown; the others are counted. */
const MAX_SHOWN = 10;

/** Runs every case of the files through the test driver and prints the first differences and a total. True: every case is identical, or differs by design. */
export function checkFiles(files: readonly string[], print: (line: string) => void): boolean {
  const counts = { identical: 0, 'by design': 0, different: 0 };
  for (const file of files) {
    for (const line of linesOf(file)) {
      const outcome = checkLine(line);
      counts[outcome.verdict]++;
      if (outcome.verdict === 'different' && counts.different <= MAX_SHOWN) print(describeDifference(file, outcome));
    }
  }
  const { identical, different } = counts;
  const byDesign = counts['by design'];
  if (different > MAX_SHOWN) print(`${different - MAX_SHOWN} more are different`);
  print(`identical ${identical} of ${identical + byDesign + different}, by design ${byDesign}`);
  return different === 0;
}

function linesOf(file: string): string[] {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text.split('\n').filter((line) => line.trim() !== '');
}

function describeDifference(file: string, { id, difference }: CaseOutcome): string {
  const show = (value: unknown): string =>
    typeof value === 'string' ? `\n${value}` : (JSON.stringify(value) ?? 'nothing');
  return [
    `${file}: ${id}: ${difference?.field}`,
    `  expected ${show(difference?.expected)}`,
    `  came     ${show(difference?.got)}`,
  ].join('\n');
}
