import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DirectoryInUseError, lockDirectory } from '../../src/queue/directory-lock.ts';

const CONTENDERS = 4;

describe('the lock of a directory', () => {
  let directory: string;

  beforeEach(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'directory-lock-')));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const children: ChildProcessWithoutNullStreams[] = [];
  // Until they are gone they hold the lock, and the next directory may have the number of this one.
  afterEach(async () => {
    const living = children.splice(0).filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const exits = living.map((child) => once(child, 'exit'));
    for (const child of living) child.kill('SIGKILL');
    await Promise.all(exits);
  });

  /** A process that tries to lock the directory at the first input, and says what came of it. */
  const start = async (): Promise<ChildProcessWithoutNullStreams> => {
    const module = new URL('../../src/queue/directory-lock.ts', import.meta.url).href;
    const script = `const { lockDirectory } = await import(process.argv[1]);
      process.stdin.once('data', () => lockDirectory(process.argv[2]).then(
        () => process.stdout.write('held'),
        ({ code }) => process.stdout.write(code),
      ));
      process.stdout.write('ready');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, module, directory]);
    children.push(child);
    await once(child.stdout, 'data');
    return child;
  };
  const lock = async (child: ChildProcessWithoutNullStreams): Promise<string> => {
    child.stdin.write('go');
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    return said.toString();
  };

  it('was had by several processes that found its holder dead at once', async () => {
    const [holder, ...contenders] = await Promise.all(Array.from({ length: 1 + CONTENDERS }, start));
    expect(await lock(holder!)).toBe('held');
    await expect(lockDirectory(directory)).rejects.toBeInstanceOf(DirectoryInUseError);
    holder!.kill('SIGKILL');
    await once(holder!, 'exit');
    const said = await Promise.all(contenders.map(lock));
    const refused = Array.from({ length: CONTENDERS - 1 }, () => 'DIRECTORY_IN_USE');
    expect(said.sort()).toEqual([...refused, 'held']);
  });

  it('is free again when it was released', async () => {
    for (let round = 0; round < 2; round++) {
      const release = await lockDirectory(directory);
      await release();
    }
  });
});
