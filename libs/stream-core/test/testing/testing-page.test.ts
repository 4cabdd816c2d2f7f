import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { atLeastOnce, exactlyOnce } from './testing-example.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the example of docs/testing.md is the one that runs here, and gives what it says', () => {
  const page = read('../../docs/testing.md');
  expect(page).toContain(read('./testing-example.ts').trimEnd());
  expect([...exactlyOnce]).toEqual(['alpha 3, beta 2']);
  expect([...atLeastOnce].length).toBeGreaterThan(1);
  for (const table of [...exactlyOnce, ...atLeastOnce]) expect(page).toContain(`\n${table}\n`);
});
