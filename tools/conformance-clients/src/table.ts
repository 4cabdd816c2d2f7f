import type { CaseResult } from './run-cases.ts';

const MARKS = { passed: '', failed: 'FAILED ', skipped: 'skipped ' } as const;

/** A Markdown table, a row a client, a column a capability; a cell is the name of the test that shows it, "–" where a client has no way to do it. */
export function table(
  capabilities: readonly string[],
  clients: readonly string[],
  results: readonly (Pick<CaseResult, 'client' | 'name' | 'outcome'> & { readonly capability: string })[],
): string {
  const cell = (client: string, capability: string): string => {
    const found = results.find((one) => one.client === client && one.capability === capability);
    return found === undefined ? '–' : `${MARKS[found.outcome]}${found.name}`;
  };
  const rows = [
    ['', ...clients],
    ...capabilities.map((capability) => [capability, ...clients.map((client) => cell(client, capability))]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(3, ...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, column) => text.padEnd(widths[column]!)).join(' | ')} |`;
  const [head, ...body] = rows;
  return [line(head!), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...body.map(line)].join('\n');
}
