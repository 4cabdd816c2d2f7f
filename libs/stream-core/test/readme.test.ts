import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { counts } from './readme-example.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the example of the README gives what it says, and is the one that runs here', () => {
  expect(counts).toEqual(['NZ@[0,60000] 1', 'NZ@[60000,120000] 1']);
  expect(read('../README.md')).toContain(read('./readme-example.ts').trimEnd());
});

test('the file map of the README names folders that exist, all of them', () => {
  const named = Array.from(read('../README.md').matchAll(/^\| `src\/([a-z]+)` \|/gm), ([, folder]) => folder);
  expect(named.sort()).toEqual([
    'dsl',
    'internal',
    'kafka',
    'processor',
    'runtime',
    'serde',
    'state',
    'testing',
    'topology',
  ]);
});
