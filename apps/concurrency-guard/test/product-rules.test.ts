import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { DriverBench } from './driver-bench.ts';
import { MODIFIER_RULES } from './rules/modifier-rules.ts';
import type { ProductRule } from './rules/product-rule.ts';
import { PRODUCT_RULES } from './rules/product-rules.ts';
import { rulesTable } from './rules/rules-table.ts';
import { play, rowsOf } from './scenario.ts';

const withPolicies = ({ policies, scenario }: ProductRule): string =>
  [...policies.map((policy) => `0 policy ${JSON.stringify(policy)} ->`), scenario].join('\n');

/** The steps and what came of them, without the policies that a row begins with. */
const told = (text: string): readonly string[] => rowsOf(text).filter((line) => !line.startsWith('0 policy'));

describe.each([
  ['what a product offers', PRODUCT_RULES],
  ['what a complete engine has', MODIFIER_RULES],
] as const)('%s', (_name, rules) => {
  test.each(rules.map((row) => [row.product, row.rule, row] as const))('%s: %s', async (_product, _rule, row) => {
    expect(told(await play(withPolicies(row), () => DriverBench.open()))).toEqual(told(row.scenario));
  });
});

test('the documentation lists every row, with its policy', () => {
  const page = readFileSync(new URL('../docs/rules.md', import.meta.url), 'utf8');
  expect(page.split('<!-- rows -->\n')[1]).toBe(rulesTable([...PRODUCT_RULES, ...MODIFIER_RULES]));
});
