/** What can be wrong with an output. */
export const FINDINGS = ['lost', 'duplicated', 'wrong'] as const;

export type Finding = (typeof FINDINGS)[number];

/** Examples of each kind that are kept. */
const MAX_EXAMPLES = 10;

/** Counts what is wrong and keeps the first examples. */
export class Findings {
  readonly #counts = new Map<Finding, number>();
  readonly #examples = new Map<Finding, string[]>();
  /** Under at_least_once: by how much final counts are above the oracle's, together. */
  excess = 0;

  add(finding: Finding, example: string, count = 1): void {
    this.#counts.set(finding, this.count(finding) + count);
    const examples = this.#examples.get(finding) ?? [];
    if (examples.length < MAX_EXAMPLES) this.#examples.set(finding, [...examples, `${finding}: ${example}`]);
  }

  count(finding: Finding): number {
    return this.#counts.get(finding) ?? 0;
  }

  get examples(): readonly string[] {
    return [...this.#examples.values()].flat();
  }
}
