import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { childReady } from '../src/child-ready.ts';

const directory = mkdtempSync(join(tmpdir(), 'child-ready-'));
afterAll(() => rmSync(directory, { recursive: true }));

const run = (program: string) => {
  const file = join(directory, 'child.mjs');
  writeFileSync(file, program);
  return childReady(fork(file, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }), 'the child');
};

test('a child is ready when it says so, whatever it says before, and with what it says', async () => {
  const program = `process.send({ type: 'progress' }); process.send({ type: 'ready', port: 7 });`;
  expect(await run(program)).toEqual({ type: 'ready', port: 7 });
});

test.each([
  [`process.send({ type: 'failed', message: 'no port' });`, 'the child could not start: no port'],
  ['process.exit(3);', 'the child ended with 3 before it was ready'],
  [`process.kill(process.pid, 'SIGKILL');`, 'the child ended with SIGKILL before it was ready'],
])('a child that is never ready is told with its reason: %s', async (program, message) => {
  await expect(run(program)).rejects.toThrow(message);
});
