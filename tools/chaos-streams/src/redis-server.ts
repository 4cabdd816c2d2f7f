import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { freePorts } from '@playhead/start/testing';
import type { Guardian } from './guardian.ts';

const START_TIMEOUT_MS = 30_000;
const RETRY_MS = 20;

/** A Redis that can be killed. */
export interface RedisUnderTest {
  readonly url: string;
  /** Ends it with SIGKILL and starts it on what it had written, which is everything that it answered. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a Redis with its data in `directory`. Rejects with a sentence when there is none on this machine. */
export async function startRedis(directory: string, guardian: Guardian): Promise<RedisUnderTest> {
  const [port = 0] = await freePorts(1);
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    await mkdir(directory, { recursive: true });
    const durable = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
    const place = ['--bind', '127.0.0.1', '--port', `${port}`, '--dir', directory];
    child = spawn('redis-server', [...place, ...durable], { stdio: 'ignore' });
    const failed = once(child, 'error').then(([error]) => {
      throw new Error('redis-server cannot be started; --store redis needs it installed', { cause: error });
    });
    failed.catch(() => undefined);
    if (child.pid !== undefined) guardian.tell({ watch: child.pid });
    await Promise.race([failed, answers(port)]);
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    guardian.tell({ forget: child.pid });
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    restart: async () => {
      await kill();
      await start();
    },
    close: kill,
  };
}

async function answers(port: number): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await accepts(port))) {
    if (performance.now() > deadline) throw new Error(`Redis did not start within ${START_TIMEOUT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
