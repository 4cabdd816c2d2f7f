import { readCmcdLine } from './cmcd-line.ts';
import type { CmcdLine, CmcdRefusal } from './cmcd-line.ts';

/** A line that is not taken, as far as it is kept. */
export interface RefusedLine {
  readonly line: string;
  readonly reason: CmcdRefusal | 'line-too-long' | 'rate-limited';
}

/** The lines of one body, in their order. */
export interface CmcdReport {
  readonly lines: readonly CmcdLine[];
  /** What stood in the body for each of `lines`. */
  readonly texts: readonly string[];
  readonly refused: readonly RefusedLine[];
  /** Lines beyond the most that are read. */
  readonly linesTooMany: number;
  /** The body was cut; its last line was dropped with the rest. */
  readonly cut: boolean;
}

/** What one body may hold. */
export interface CmcdReportLimits {
  /** A longer body has been cut to one byte more. */
  readonly maxBytes: number;
  readonly maxLines: number;
  readonly maxLineLength: number;
}

/** Splits a body at LF or CR LF; empty lines, such as the one after the LF that every player ends with, are nothing. */
export function readCmcdReport(body: Buffer, { maxBytes, maxLines, maxLineLength }: CmcdReportLimits): CmcdReport {
  const cut = body.length > maxBytes;
  const all = body.toString('utf8').split('\n');
  if (cut) all.pop();
  const lines: CmcdLine[] = [];
  const texts: string[] = [];
  const refused: RefusedLine[] = [];
  let linesTooMany = 0;
  for (const raw of all) {
    const line = raw.trim();
    if (line === '') continue;
    if (lines.length + refused.length >= maxLines) linesTooMany++;
    else if (line.length > maxLineLength) refused.push({ line: line.slice(0, maxLineLength), reason: 'line-too-long' });
    else {
      const read = readCmcdLine(line);
      if (typeof read === 'string') refused.push({ line, reason: read });
      else {
        lines.push(read);
        texts.push(line);
      }
    }
  }
  return { lines, texts, refused, linesTooMany, cut };
}
