import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';

// A process starts in half a second, but not on a machine that runs every other test too.
jest.setTimeout(30_000);

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const run = promisify(execFile);

describe('main.ts under plain Node', () => {
  it('loads everything it imports and reads its settings', async () => {
    const { stdout } = await run(process.execPath, [MAIN, '--print-config'], {
      env: { SERVICE_NAME_ADMIN_PORT: '18099' },
    });
    expect(stdout).toContain('SERVICE_NAME_ADMIN_PORT=18099');
  });

  it('names a setting that cannot be used and ends with 1', async () => {
    const failed = run(process.execPath, [MAIN], { env: { SERVICE_NAME_ADMIN_PORT: 'x' } });
    await expect(failed).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('SERVICE_NAME_ADMIN_PORT: "x"'),
    });
  });
});
