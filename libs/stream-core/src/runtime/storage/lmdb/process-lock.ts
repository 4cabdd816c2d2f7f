import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const RETRY_MS = 100;

/**
 * Holds a name for this process until it is released or the process ends, however it ends: a listening socket, so there is no file that a crash leaves behind and that refuses the
 * next start. On Linux it is in the abstract namespace, which processes share that share a network namespace: two containers on one volume do not see each other.
 */
export class ProcessLock {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Waits for at most `waitMs` for a process that is ending. Undefined: another one (or this one) holds it. */
  static async acquire(name: string, waitMs: number): Promise<ProcessLock | undefined> {
    const path = socketPath(name);
    const deadline = performance.now() + waitMs;
    for (;;) {
      const server = await listen(path);
      if (server !== undefined) return new ProcessLock(server);
      if (process.platform === 'darwin' && !(await answers(path))) rmSync(path, { force: true });
      else if (performance.now() >= deadline) return undefined;
      else await setTimeout(RETRY_MS);
    }
  }

  async release(): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function socketPath(name: string): string {
  const short = `playhead-state-${createHash('sha256').update(name).digest('hex').slice(0, 24)}`;
  if (process.platform === 'linux') return `\0${short}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${short}` : join(tmpdir(), `${short}.sock`);
}

/** Undefined: somebody listens there. */
async function listen(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  try {
    server.listen({ path });
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

async function answers(path: string): Promise<boolean> {
  const socket = connect({ path });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
