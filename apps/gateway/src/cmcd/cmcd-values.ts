import { LARGEST_TIME_MS } from '../tables/clock-offsets.ts';
import type { CmcdLine, CmcdValue } from './cmcd-line.ts';

const MAX_INT = 2_147_483_647;

/** A text, or null: a number is taken as its text, a list is not. */
export function textOf(line: CmcdLine, key: string): string | null {
  const value = line.get(key);
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null;
}

/** A time or duration in whole milliseconds, or null. */
export function timeOf(line: CmcdLine, key: string): number | null {
  const value = first(line.get(key));
  return value !== undefined && Math.abs(value) <= LARGEST_TIME_MS ? Math.round(value) : null;
}

/** A whole number that fits an Avro int, or null: the first item of a list. */
export function countOf(line: CmcdLine, key: string): number | null {
  return asInt(first(line.get(key)));
}

/** The sum of a list's items: bitrates, whose video and audio players give apart or together. */
export function sumOf(line: CmcdLine, key: string): number | null {
  const numbers = numbersOf(line.get(key));
  return numbers.length === 0 ? null : asInt(numbers.reduce((total, value) => total + value, 0));
}

/** The least of a list's items: buffers, of which the shorter decides. */
export function leastOf(line: CmcdLine, key: string): number | null {
  const numbers = numbersOf(line.get(key));
  return numbers.length === 0 ? null : asInt(Math.min(...numbers));
}

/** A decimal, or null. */
export function decimalOf(line: CmcdLine, key: string): number | null {
  return first(line.get(key)) ?? null;
}

/** Every item of a list, or the value alone, joined by commas: error codes, which dash.js sends as a number. */
export function joinedOf(line: CmcdLine, key: string): string | null {
  const value = line.get(key);
  if (value === undefined) return null;
  return Array.isArray(value) ? value.join(',') : String(value);
}

function first(value: CmcdValue | undefined): number | undefined {
  return numbersOf(value)[0];
}

function numbersOf(value: CmcdValue | undefined): number[] {
  const all = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return all.filter((item): item is number => typeof item === 'number' && Number.isFinite(item));
}

function asInt(value: number | undefined): number | null {
  return value !== undefined && value >= 0 && value <= MAX_INT ? Math.round(value) : null;
}
