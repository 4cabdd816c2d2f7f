import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const START_TIMEOUT_MS = 20_000;

/** False where there is no redis-server; says so. */
export function hasRedisServer(): boolean {
  const has = spawnSync('redis-server', ['--version']).status === 0;
  if (!has)
    process.stdout.write(
      'tests of state in Redis are skipped: there is no redis-server (apt-get install redis-server)\n',
    );
  return has;
}

/** A redis-server on loopback that keeps its data through `stop` and `start`, and ends with `close`. */
export class RedisServer {
  readonly url: string;
  readonly #port: number;
  readonly #directory = mkdtempSync(join(tmpdir(), 'redis-'));
  #process: ChildProcess | undefined;

  private constructor(port: number) {
    this.#port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  static async start(): Promise<RedisServer> {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    const server = new RedisServer(port);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const parameters = ['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', this.#directory];
    this.#process = spawn('redis-server', [...parameters, '--appendonly', 'yes', '--save', ''], { stdio: 'ignore' });
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (!(await answers(this.#port))) {
      if (performance.now() > deadline) throw new Error(`redis-server does not answer on ${this.#port}`);
      await setTimeout(20);
    }
  }

  async stop(): Promise<void> {
    const { exitCode } = this.#process ?? { exitCode: 0 };
    if (this.#process === undefined || exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await ended;
    this.#process = undefined;
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString().startsWith('+PONG');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
