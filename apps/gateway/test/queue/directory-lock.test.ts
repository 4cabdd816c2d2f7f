import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DirectoryInUseError, lockDirectory } from '../../src/queue/directory-lock.ts';

const ROUNDS = 100;
const CONTENDERS = 8;

describe('the lock of a directory', () => {
  let directory: string;

  beforeEach(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'directory-lock-')));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** What a process that was killed left behind before: a socket's file at which nobody answers. */
  const dieHolding = (): string => {
    const digest = createHash('sha256').update(directory).digest('hex').slice(0, 32);
    const path = join(tmpdir(), `playhead-gateway-${digest}.lock`);
    writeFileSync(path, '');
    return path;
  };

  it('is one’s alone when several find a dead one: each removed it, also when another had just taken it', async () => {
    let path = '';
    for (let round = 0; round < ROUNDS; round++) {
      path = dieHolding();
      const tried = await Promise.allSettled(Array.from({ length: CONTENDERS }, () => lockDirectory(directory)));
      const winners = tried.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      const refusals = tried.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []));
      expect({ round, winners: winners.length }).toEqual({ round, winners: 1 });
      for (const refusal of refusals) expect(refusal).toBeInstanceOf(DirectoryInUseError);
      for (const release of winners) await release();
    }
    rmSync(path, { force: true });
  });

  it('goes with the process that had it', async () => {
    const module = new URL('../../src/queue/directory-lock.ts', import.meta.url).href;
    const script = `const { lockDirectory } = await import(process.argv[1]);
      const release = await lockDirectory(process.argv[2]);
      process.stdout.write('held');
      setInterval(release.bind, 60_000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script, module, directory]);
    await once(holder.stdout, 'data');
    await expect(lockDirectory(directory)).rejects.toBeInstanceOf(DirectoryInUseError);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const release = await lockDirectory(directory);
    await release();
  });
});
