/** What can be wrong with an output. */
export const FINDINGS = ['lost', 'duplicated', 'wrong'] as const;

export type Finding = (typeof FINDINGS)[number];

/** Examples of each kind that are kept. */
const MAX_EXAMPLES = 10;

/** Counts what is wrong and keeps the first examples. */
export class Findings {
  readonly #counts = new Map<Finding, number>();
  readonly #examples = new Map<Finding, string[]>();
  readonly #excess = new Map<string, number>();

  add(finding: Finding, example: string, count = 1): void {
    this.#counts.set(finding, this.count(finding) + count);
    const examples = this.#examples.get(finding) ?? [];
    if (examples.length < MAX_EXAMPLES) this.#examples.set(finding, [...examples, `${finding}: ${example}`]);
  }

  count(finding: Finding): number {
    return this.#counts.get(finding) ?? 0;
  }

  /** Under at_least_once: a final count of an output is above the oracle's. */
  addExcess(output: string, by: number): void {
    if (by > 0) this.#excess.set(output, this.excess(output) + by);
  }

  /** By how much final counts of an output are above the oracle's, together. */
  excess(output: string): number {
    return this.#excess.get(output) ?? 0;
  }

  get examples(): readonly string[] {
    return [...this.#examples.values()].flat();
  }
}
