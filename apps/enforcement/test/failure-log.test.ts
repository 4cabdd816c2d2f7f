import { describe, expect, it } from '@jest/globals';
import { FailureLog } from '../src/failure-log.ts';

describe('FailureLog', () => {
  it('tells the first failure, and then one a minute with how many there were', () => {
    let now = 0;
    const lines: unknown[] = [];
    const log = new FailureLog({ monotonicMs: () => now });
    log.useLogger({ warn: (fields: unknown) => void lines.push(fields) } as never);
    for (const [at, tenant] of [
      [0, 'one'],
      [1, 'two'],
      [59_999, 'one'],
      [60_000, 'two'],
    ] as const) {
      now = at;
      log.failed(tenant, 'answered 500');
    }
    expect(lines).toEqual([
      { tenant: 'one', reason: 'answered 500', failures: 1 },
      { tenant: 'two', reason: 'answered 500', failures: 3 },
    ]);
  });
});
