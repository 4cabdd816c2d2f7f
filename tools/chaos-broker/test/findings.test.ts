import { describe, expect, test } from '@jest/globals';
import { checkSequence, FINDINGS, Findings } from '../src/chaos/findings.ts';

describe('a sequence that was sent from 0 upwards', () => {
  test.each<[string, readonly number[], number, object]>([
    ['is right with all that was acknowledged', [0, 1, 2], 3, {}],
    ['is right with more than was acknowledged', [0, 1, 2, 3], 3, {}],
    ['has lost what was acknowledged and is not there', [0, 2], 3, { lost: 1 }],
    ['has lost its end', [0], 3, { lost: 2 }],
    ['has lost what is missing before something later, acknowledged or not', [0, 1, 4], 2, { lost: 2 }],
    ['has what came twice', [0, 1, 1, 2], 3, { duplicated: 1 }],
    ['has what came before its predecessor', [0, 2, 1], 3, { 'out-of-order': 1 }],
  ])('%s', (_name, numbers, acknowledged, expected) => {
    const findings = new Findings();
    checkSequence(findings, 'topic-0', numbers, acknowledged);
    const counts = FINDINGS.map((finding) => [finding, findings.count(finding)] as const).filter(
      ([, count]) => count > 0,
    );
    expect(Object.fromEntries(counts)).toEqual(expected);
    expect(findings.isEmpty).toBe(counts.length === 0);
  });
});
