import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';

// A process starts in half a second, but not on a machine that runs every other test too.
jest.setTimeout(30_000);

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const run = promisify(execFile);

describe('main.ts under plain Node', () => {
  it('loads everything it imports, reads its settings and shows no key', async () => {
    const key = Buffer.alloc(32, 7).toString('base64url');
    const { stdout } = await run(process.execPath, [MAIN, '--print-config'], {
      env: { ENFORCEMENT_ADMIN_PORT: '18092', ENFORCEMENT_WEBHOOK_KEYS: `k1:${key}` },
    });
    expect(stdout).toContain('ENFORCEMENT_ADMIN_PORT=18092');
    expect(stdout).not.toContain(key);
  });

  it('names a setting that cannot be used and ends with 1', async () => {
    const failed = run(process.execPath, [MAIN], { env: { ENFORCEMENT_WEBHOOK_URL: 'ftp://cdn' } });
    await expect(failed).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('ENFORCEMENT_WEBHOOK_URL') });
  });
});
