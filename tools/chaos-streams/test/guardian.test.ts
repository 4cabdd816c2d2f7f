import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const DEADLINE_MS = 30_000;

test('what a tool had started is ended and removed when the tool itself is killed, a stopped process too', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'chaos-guardian-'));
  const tool = spawn(process.execPath, [join(import.meta.dirname, 'guarded-parent.ts'), directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = (await once(tool.stdout, 'data')) as [Buffer];
  const pid = Number(output.toString());
  expect(isAlive(pid)).toBe(true);
  tool.kill('SIGKILL');
  await eventually(() => !isAlive(pid) && !existsSync(directory));
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function eventually(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${DEADLINE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
