import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';

// Starts processes: half a second each, but not on a machine that runs every other test too.
jest.setTimeout(60_000);

const PROGRAM = join(import.meta.dirname, '../fixtures/process-part.ts');
const children: ChildProcess[] = [];

interface Run {
  readonly child: ChildProcess;
  /** Resolves when standard output has a line of that text. */
  line(text: string): Promise<void>;
  /** Exit code (or the signal), and what was written. */
  end(): Promise<{ code: number | string | null; out: string; err: string; messages: unknown[] }>;
}

function run(behaviour: string, underParent = false): Run {
  const child = spawn(process.execPath, [PROGRAM, behaviour], {
    stdio: underParent ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let out = '';
  let err = '';
  const messages: unknown[] = [];
  child.on('message', (message) => messages.push(message));
  child.stderr!.on('data', (chunk: Buffer) => (err += chunk.toString()));
  // Not 'close': it does not come after a disconnect.
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
  const read = Promise.all([once(child.stdout!, 'end'), once(child.stderr!, 'end')]);
  const waiting = new Set<() => void>();
  child.stdout!.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    for (const look of waiting) look();
  });
  return {
    child,
    line: (text) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (out.split('\n').includes(text)) resolve();
        };
        waiting.add(look);
        look();
      }),
    end: async () => {
      const [code, signal] = await exited;
      await read;
      return { code: code ?? signal, out, err, messages };
    },
  };
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

describe('a process on its own', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('closes and exits with 0 on %s', async (signal) => {
    const process = run('runs');
    await process.line('started');
    process.child.kill(signal);
    expect(await process.end()).toMatchObject({ code: 0, out: 'started\nclosing\n', err: '' });
  });

  it('exits with 0 when it is asked to stop while it starts', async () => {
    const process = run('never-starts');
    await process.line('starting');
    process.child.kill('SIGTERM');
    expect(await process.end()).toMatchObject({ code: 0, out: 'starting\n' });
  });

  it('closes when it is asked to stop before it is ready', async () => {
    const process = run('never-ready');
    await process.line('started');
    process.child.kill('SIGTERM');
    expect(await process.end()).toMatchObject({ code: 0, out: 'started\nclosing\n' });
  });

  it('exits with 1 when it does not close in time', async () => {
    const process = run('hangs');
    await process.line('started');
    process.child.kill('SIGTERM');
    expect(await process.end()).toMatchObject({ code: 1, err: 'not stopped within 300 ms\n' });
  });

  it('exits at once at a second signal, which is not the same one passed on by npm', async () => {
    const process = run('hangs-long');
    await process.line('started');
    let signals = 0;
    const again = setInterval(() => {
      process.child.kill('SIGINT');
      signals++;
    }, 100);
    const { code } = await process.end();
    clearInterval(again);
    expect(code).toBe(130);
    expect(signals).toBeGreaterThan(2);
  });

  it('exits with 1 and says why when it cannot start', async () => {
    const { code, err } = await run('fails-to-start').end();
    expect(code).toBe(1);
    expect(err).toContain('Error: no way');
  });

  it('closes and exits with 1 when its part fails', async () => {
    const { code, out, err } = await run('fails-later').end();
    expect([code, out]).toEqual([1, 'started\nclosing\n']);
    expect(err).toContain('Error: broke');
  });

  it('closes and exits with 0 when its part has done what it had to', async () => {
    expect(await run('finishes').end()).toMatchObject({ code: 0, out: 'started\nclosing\n' });
  });
});

describe('a process under a parent', () => {
  it('says that it is ready, leaves signals alone, and closes when the parent says so', async () => {
    const process = run('runs', true);
    await once(process.child, 'message');
    process.child.kill('SIGINT');
    process.child.kill('SIGTERM');
    process.child.send({ type: 'stop' });
    expect(await process.end()).toMatchObject({
      code: 0,
      out: 'started\nclosing\n',
      messages: [{ type: 'ready', info: { port: 7 } }],
    });
  });

  it('closes when the parent is gone', async () => {
    const process = run('runs', true);
    await once(process.child, 'message');
    process.child.disconnect();
    expect(await process.end()).toMatchObject({ code: 0, out: 'started\nclosing\n' });
  });

  it('exits at once when the parent is gone, where it is told to', async () => {
    const process = run('exits-as-orphan', true);
    await once(process.child, 'message');
    process.child.disconnect();
    expect(await process.end()).toMatchObject({ code: 0, out: 'started\n' });
  });

  it('says why it failed', async () => {
    const { code, messages } = await run('fails-to-start', true).end();
    expect(code).toBe(1);
    expect(messages).toEqual([{ type: 'failed', message: expect.stringContaining('no way') }]);
  });
});
