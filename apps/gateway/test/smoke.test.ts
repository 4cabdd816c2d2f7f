import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const run = promisify(execFile);

jest.setTimeout(60_000);

describe('main.ts under plain Node', () => {
  it('loads everything it imports and reads its settings', async () => {
    const { stdout } = await run(process.execPath, [MAIN, '--print-config'], { env: { GATEWAY_PORT: '18080' } });
    expect(stdout).toContain('GATEWAY_PORT=18080');
    expect(stdout).toContain('GATEWAY_MAX_BLOCKED_SESSIONS=1000000');
  });

  it('lists every setting that cannot be used and ends with 1', async () => {
    const failed = await run(process.execPath, [MAIN], {
      env: { GATEWAY_PORT: 'x', GATEWAY_DECISION_TRY_MS: 'soon' },
    }).then(
      () => undefined,
      (error: { readonly code: number; readonly stderr: string }) => error,
    );
    expect(failed?.code).toBe(1);
    expect(failed?.stderr).toContain('GATEWAY_PORT');
    expect(failed?.stderr).toContain('GATEWAY_DECISION_TRY_MS');
  });
});
