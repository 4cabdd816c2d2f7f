import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nginxConfig } from './nginx-config.ts';
import type { NginxPlace } from './nginx-config.ts';

const CANDIDATES = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/local/bin/nginx', '/opt/homebrew/bin/nginx'];
const START_TIMEOUT_MS = 10_000;

/** The nginx that the machine has: `NGINX_PATH`, else the usual places; undefined when there is none. */
export const nginxPath = (): string | undefined =>
  [process.env['NGINX_PATH'], ...CANDIDATES].find((file) => file !== undefined && existsSync(file));

/** An nginx that listens. */
export interface RunningNginx {
  /** Resolves when it has ended, stopped or by itself. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Writes the configuration and starts nginx; resolves when it listens. Rejects with what it said when it ends before, and
 * when somebody listens there already: nginx tries for seconds, and the other would be taken for it.
 */
export async function startNginx(
  executable: string,
  place: NginxPlace,
  config: (place: NginxPlace) => string = nginxConfig,
): Promise<RunningNginx> {
  if (await listens(place.port)) {
    const pid = join(place.directory, 'nginx.pid');
    throw new Error(`somebody listens on port ${place.port} already; an nginx that was left is named by ${pid}`);
  }
  mkdirSync(place.directory, { recursive: true });
  const file = join(place.directory, 'nginx.conf');
  writeFileSync(file, config(place));
  const child = spawn(executable, ['-c', file, '-p', place.directory, '-e', join(place.directory, 'error.log')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const giveUpAt = Date.now() + START_TIMEOUT_MS;
  while (!(await listens(place.port))) {
    if (hasEnded(child) || Date.now() > giveUpAt) {
      child.kill('SIGKILL');
      throw new Error(`nginx did not listen on port ${place.port}: ${said}`);
    }
    await sleep(20);
  }
  return {
    ended,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
