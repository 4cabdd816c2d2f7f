import { expect, jest, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

// Deadlines are for a machine that does much else meanwhile.
jest.setTimeout(60_000);

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

test('main.ts starts under plain Node, and prints its settings when asked', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main, '--print-config'], {
    env: { PATH: process.env['PATH'], DEFAULT_MAX_STREAMS: '3' },
  });
  expect(stdout).toContain('DEFAULT_MAX_STREAMS=3');
  expect(stdout).toContain('CONCURRENCY_GUARD_ADMIN_PORT=8091');
});

test('main.ts refuses an impossible setting, naming it', async () => {
  const run = promisify(execFile)(process.execPath, [main], { env: { DEFAULT_MAX_STREAMS: '-1' } });
  await expect(run).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('DEFAULT_MAX_STREAMS') });
});
