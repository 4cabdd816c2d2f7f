import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { checkFiles } from '../src/check-files.ts';

const topology = [
  { op: 'stream', id: 'a', topic: 'A' },
  { op: 'to', in: 'a', topic: 'out' },
];
const input = [['A', 'k', 'v', 5]];
const good = { id: 'good', topology, in: input, out: [[['out', 'k', 'v', 5]]], dropped: 0 };
const named = { topology: 'filter', case: 3, dropped: 0, in: [['A', 'k', 'y', 1]], out: [[['k', 'y', 1]]] };

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'playhead-conformance-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function check(...cases: readonly object[]): { isSame: boolean; printed: string[] } {
  const file = join(directory, 'cases.jsonl.gz');
  writeFileSync(file, gzipSync(cases.map((line) => JSON.stringify(line)).join('\n')));
  const printed: string[] = [];
  const isSame = checkFiles([file], (line) => printed.push(line.replace(file, 'FILE')));
  return { isSame, printed };
}

it('counts cases of both formats', () => {
  expect(check(good, named)).toEqual({ isSame: true, printed: ['identical 2 of 2, by design 0'] });
});

it('shows what was expected and what came', () => {
  const other = { ...good, id: 'other', out: [[['out', 'k', 'w', 5]]] };
  expect(check(good, other)).toEqual({
    isSame: false,
    printed: [
      'FILE:2: other: out[0][0]\n  expected ["out","k","w",5]\n  came     ["out","k","v",5]',
      'identical 1 of 2, by design 0',
    ],
  });
});

it('counts apart what is tagged as different by design, if it is different', () => {
  const tags = ['upstreamDefect'];
  const refused = {
    ...good,
    tags,
    out: undefined,
    dropped: undefined,
    error: { phase: 'build', class: 'X', message: '' },
  };
  expect(check(refused, { ...good, tags }).printed).toEqual(['identical 1 of 2, by design 1']);
});

it('takes an unknown operator for a difference and goes on', () => {
  const unknown = { ...good, id: 'unknown', topology: [{ op: 'frobnicate', id: 'a' }] };
  const { isSame, printed } = check(unknown, good);
  expect(isSame).toBe(false);
  expect(printed[0]).toContain('unknown op frobnicate');
  expect(printed[1]).toBe('identical 1 of 2, by design 0');
});

it('shows ten differences and counts the others', () => {
  const wrong = Array.from({ length: 12 }, (_, i) => ({ ...good, id: `w${i}`, dropped: 7 }));
  const { printed } = check(...wrong);
  expect(printed).toHaveLength(12);
  expect(printed.slice(10)).toEqual(['2 more are different', 'identical 0 of 12, by design 0']);
});

it('says in which line there is no case, and goes on', () => {
  const file = join(directory, 'broken.jsonl');
  writeFileSync(file, `${JSON.stringify(good)}\n\n{"id":\n[]\n`);
  const printed: string[] = [];
  expect(checkFiles([file], (line) => printed.push(line.replace(file, 'FILE')))).toBe(false);
  expect(printed[0]).toMatch(/^FILE:3: SyntaxError/);
  expect(printed[1]).toMatch(/^FILE:4: /);
  expect(printed[2]).toBe('identical 1 of 3, by design 0');
});

it.each([
  ['no.jsonl', /ENOENT.*no\.jsonl/],
  ['no.jsonl.gz', /ENOENT.*no\.jsonl\.gz/],
])('refuses %s, which is not there', (name, message) => {
  expect(() => checkFiles([join(directory, name)], () => {})).toThrow(message);
});

it('counts a tagged case as different where it does not differ as its tag says', () => {
  const tags = ['emitCloseDefaultRetention'];
  const described = { ...good, tags, describe: 'Topologies:\n' };
  expect(check({ ...good, tags, dropped: 3 }, described).printed.at(-1)).toBe('identical 0 of 2, by design 1');
});

it('an empty file, as a download that failed leaves it, is no success', () => {
  expect(() => check()).toThrow(/^no case in .*cases\.jsonl\.gz$/);
});
