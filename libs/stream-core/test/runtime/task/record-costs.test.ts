import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const PROGRAM = join(import.meta.dirname, 'record-costs.ts');

interface Costs {
  readonly bytesPerRecord: number;
  readonly outputsPerRecord: number;
  readonly promises: number;
}

/**
 * From fetched bytes to store and sink no record makes a promise, a closure or an object in between. What is left: times as numbers on the heap (16 bytes each, two for any record), the
 * windowed key that goes downstream (80 with its times), and the arrays that a join's store grows by. The bounds leave less room than the smallest object takes (24 bytes).
 */
test.each([
  ['stateless', 1, 33],
  ['windowed count', 2, 130],
  ['stream join', 1.5, 140],
])(
  '%s: a record puts only what its result and its state need on the heap',
  async (name, outputs, bytes) => {
    const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, name]);
    const costs = JSON.parse(stdout) as Costs;
    expect(costs).toMatchObject({ outputsPerRecord: outputs, promises: 0 });
    expect(costs.bytesPerRecord).toBeLessThan(bytes + 20);
  },
  60_000,
);
