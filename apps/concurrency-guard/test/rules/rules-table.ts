import type { ProductRule } from './product-rule.ts';

/** The table of the documentation: one row for each rule, with the policies that say it. */
export function rulesTable(rules: readonly ProductRule[]): string {
  const rows = rules.map(({ product, rule, policies }) => {
    const said = policies.map((policy) => `\`${JSON.stringify(policy)}\``).join('<br>');
    return `| ${product} | ${rule} | ${said.replaceAll('|', '\\|')} |`;
  });
  return ['| whose | rule | policy |', '|---|---|---|', ...rows, ''].join('\n');
}
