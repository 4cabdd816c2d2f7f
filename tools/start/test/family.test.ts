import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Child } from '../src/child.ts';
import { Family } from '../src/family.ts';

// Starts processes: half a second each, but not on a machine that runs every other test too.
jest.setTimeout(60_000);

const CHILD = join(import.meta.dirname, 'fixtures/child.ts');
const DEADLINE_MS = 30_000;

describe('a family of processes', () => {
  let directory: string;
  let log: string;
  let family: Family;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'playhead-family-'));
    log = join(directory, 'log');
    family = new Family();
  });
  afterEach(async () => {
    family.kill();
    await family.stop();
    rmSync(directory, { recursive: true });
  });

  const spawnChild = (name: string, behaviour = 'works', stopMs = 30_000): Child =>
    family.spawn({ name, program: CHILD, args: [name, behaviour, log], env: process.env, stopMs });
  const start = async (name: string, behaviour?: string, stopMs?: number): Promise<unknown> =>
    family.ready(spawnChild(name, behaviour, stopMs));
  const notes = (): string[][] =>
    readFileSync(log, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' '));
  const happened = (): string[] => notes().map(([name, what]) => `${name} ${what}`);
  const lives = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  const until = async (condition: () => boolean): Promise<void> => {
    const deadline = performance.now() + DEADLINE_MS;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`not so within ${DEADLINE_MS} ms: ${condition.toString()}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  it('starts one after another, hears what each says, and stops in the opposite order', async () => {
    expect([await start('broker'), await start('services')]).toEqual([{ name: 'broker' }, { name: 'services' }]);
    await family.stop();
    expect(happened()).toEqual([
      'broker started',
      'services started',
      'services closing',
      'services closed',
      'broker closing',
      'broker closed',
    ]);
  });

  it('kills a child that takes too long to stop, and goes on with the next', async () => {
    await start('broker');
    await start('services', 'hangs', 2_000);
    await family.stop();
    expect(happened().slice(2)).toEqual(['services closing', 'broker closing', 'broker closed']);
    expect(notes().map(([, , pid]) => lives(Number(pid)))).not.toContain(true);
  });

  it('says why a child could not start', async () => {
    await expect(start('broker', 'fails')).rejects.toThrow('broker cannot start');
  });

  it('notices a child that dies, also while another one starts', async () => {
    await start('broker', 'dies');
    await expect(start('services', 'never-ready')).rejects.toThrow(
      'the broker process ended unexpectedly (exit code 7)',
    );
    await expect(family.failed).rejects.toThrow('the broker process ended unexpectedly');
  });

  it('starts a child again that is killed, as the others know it, and says so', async () => {
    const child = spawnChild('broker', 'waits');
    child.complete({ LATE: 'late' });
    await family.ready(child);
    family.keep(child, { PORT: '1234' });
    const said: string[] = [];
    const failed = family.keepAlive((message) => said.push(message));
    const [[, , first]] = notes() as [[string, string, string]];
    process.kill(Number(first), 'SIGKILL');
    await until(() => notes().length === 2);
    expect(said).toEqual(['the broker process ended unexpectedly (SIGKILL); it is started again']);
    await family.stop();
    expect(notes().map(([, , pid]) => lives(Number(pid)))).not.toContain(true);
    await expect(Promise.race([failed, Promise.resolve('still waiting')])).resolves.toBe('still waiting');
  });

  it('gives up a child that dies again and again', async () => {
    await start('broker', 'dies');
    const said: string[] = [];
    await expect(family.keepAlive((message) => said.push(message))).rejects.toThrow(
      'the broker process ended unexpectedly (exit code 7)',
    );
    expect(said).toHaveLength(5);
  });

  it('gives a child the rest of its environment when it is known', async () => {
    const child = spawnChild('services', 'waits');
    child.complete({ LATE: 'here it is' });
    expect(await family.ready(child)).toEqual({ name: 'services', late: 'here it is' });
  });

  it('stops a child that still waits for its environment', async () => {
    const child = spawnChild('services', 'waits');
    await until(() => existsSync(log));
    await family.stop();
    expect(happened()).toEqual(['services started']);
    await expect(child.ready).rejects.toThrow('ended');
  });

  it('starts nothing more once it stops', async () => {
    await start('broker');
    await family.stop();
    await expect(start('services')).rejects.toThrow('stopping');
  });

  it('ends by itself when its parent is killed', async () => {
    const program = `import { Family } from ${JSON.stringify(join(import.meta.dirname, '../src/family.ts'))};
      const family = new Family();
      const [child, log] = process.argv.slice(1);
      for (const name of ['broker', 'services']) {
        await family.ready(family.spawn({ name, program: child, args: [name, 'works', log], env: process.env, stopMs: 1000 }));
      }
      console.log('up');`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program, CHILD, log], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => parent.stdout.once('data', resolve));
    const pids = notes().map(([, , pid]) => Number(pid));
    expect(pids.map(lives)).toEqual([true, true]);
    parent.kill('SIGKILL');
    await until(() => pids.every((pid) => !lives(pid)));
    expect(
      happened()
        .filter((line) => line.endsWith('closed'))
        .sort(),
    ).toEqual(['broker closed', 'services closed']);
  });
});
