import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { checkCase } from './check-case.ts';
import type { Outcome } from './check-case.ts';

/** Differences that are shown; the others are counted. */
const MAX_SHOWN = 10;

/** Runs every case of the files through the test driver; prints the first differences and a total. True: every case is identical, or differs by design. */
export function checkFiles(files: readonly string[], print: (line: string) => void): boolean {
  const counts: Record<Outcome['verdict'], number> = { identical: 0, 'by design': 0, different: 0 };
  for (const { place, line } of files.flatMap(linesOf)) {
    const { verdict, difference } = checkCase(line);
    counts[verdict]++;
    if (verdict === 'different' && counts.different <= MAX_SHOWN) print(`${place}: ${difference}`);
  }
  const { identical, different, 'by design': byDesign } = counts;
  if (different > MAX_SHOWN) print(`${different - MAX_SHOWN} more are different`);
  print(`identical ${identical} of ${identical + byDesign + different}, by design ${byDesign}`);
  return different === 0;
}

/** The lines with where they are. Throws for a file that cannot be read. */
function linesOf(file: string): { place: string; line: string }[] {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .split('\n')
    .map((line, i) => ({ place: `${file}:${i + 1}`, line }))
    .filter(({ line }) => line.trim() !== '');
}
