/** What must not happen, each counted. */
export const FINDINGS = [
  'lost',
  'duplicated',
  'out-of-order',
  'half-visible',
  'offsets-back',
  'changed-by-compaction',
] as const;

/** See `FINDINGS`. */
export type Finding = (typeof FINDINGS)[number];

/** Of each kind so many are described; all are counted. */
const DESCRIBED = 5;

/** Counts what was found wrong. */
export class Findings {
  readonly #counts = new Map<Finding, number>(FINDINGS.map((finding) => [finding, 0]));
  readonly descriptions: string[] = [];

  add(finding: Finding, description: string, count = 1): void {
    if (count === 0) return;
    const before = this.count(finding);
    this.#counts.set(finding, before + count);
    if (before < DESCRIBED) this.descriptions.push(`${finding}: ${description}`);
  }

  count(finding: Finding): number {
    return this.#counts.get(finding) ?? 0;
  }

  /** Whether nothing was found. */
  get isEmpty(): boolean {
    return FINDINGS.every((finding) => this.count(finding) === 0);
  }
}

/**
 * Compares the numbers in a partition with those that were sent, 0 upwards in this order: those below `acknowledged` have to be there, the others may be,
 * but none without those before it.
 */
export function checkSequence(
  findings: Findings,
  where: string,
  numbers: readonly number[],
  acknowledged: number,
): void {
  const seen = new Set<number>();
  let highest = -1;
  for (const number of numbers) {
    if (seen.has(number)) findings.add('duplicated', `${number} in ${where}`);
    else if (number < highest) findings.add('out-of-order', `${number} after ${highest} in ${where}`);
    seen.add(number);
    highest = Math.max(highest, number);
  }
  const expected = Math.max(acknowledged, highest + 1);
  for (let number = 0; number < expected; number++) {
    if (!seen.has(number)) findings.add('lost', `${number} in ${where}, acknowledged below ${acknowledged}`);
  }
}
