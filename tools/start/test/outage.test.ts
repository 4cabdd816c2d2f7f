import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const REPOSITORY = join(import.meta.dirname, '../../..');
const SCRIPT = join(REPOSITORY, 'bench/gateway/outage.ts');

describe('a gateway that is killed while the broker is away', () => {
  it('loses no acknowledged beat and keeps each session in order', async () => {
    const options = ['--away', '4', '--rate', '100', '--around', '1'];
    const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, ...options], { cwd: REPOSITORY });
    expect(stdout).toContain('0 acknowledged beats lost, 0 out of order');
    const acknowledgedAway = Number(/\((\d+) while the broker was away\)/.exec(stdout)?.[1]);
    const onDisk = Number(/, (\d+) on the disk/.exec(stdout)?.[1]);
    expect(acknowledgedAway).toBeGreaterThan(0);
    expect(onDisk).toBeGreaterThan(0);
  }, 180_000);
});
