import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePlayheadPorts, startPlayhead } from '@playhead/start/testing';
import { treeCpuSeconds } from '../cpu-time.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const READY_TIMEOUT_MS = 60_000;

/** What is measured, running. */
export interface Services {
  readonly gateway: string;
  readonly brokers: string;
  readonly described: string;
  /** User and system seconds so far, by process. */
  cpuSeconds(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/** As `npm start` has them: the broker, and gateway and guard together in another process. */
export async function servicesInOne(dataDir: string, wrap: readonly string[]): Promise<Services> {
  const playhead = await startPlayhead({ dataDir, wrap, env: { LOG_LEVEL: 'warn' } });
  return {
    gateway: playhead.url,
    brokers: `127.0.0.1:${playhead.ports.kafka}`,
    described: 'gateway and guard in one process',
    cpuSeconds: () => ({ all: treeCpuSeconds(playhead.pid) }),
    stop: async () => void (await playhead.stop()),
  };
}

/** As in an installation: a process each. */
export async function servicesEach(dataDir: string, wrap: readonly string[]): Promise<Services> {
  const ports = await freePlayheadPorts();
  const env = {
    ...process.env,
    LOG_LEVEL: 'warn',
    PLAYHEAD_DATA_DIR: dataDir,
    KAFKA_PORT: String(ports.kafka),
    SCHEMA_REGISTRY_PORT: String(ports.registry),
    KAFKA_BROKERS: `127.0.0.1:${ports.kafka}`,
    SCHEMA_REGISTRY_URL: `http://127.0.0.1:${ports.registry}`,
    AUTO_REGISTER_SCHEMAS: 'true',
    GATEWAY_PORT: String(ports.gateway),
    GATEWAY_ADMIN_PORT: String(ports.gatewayAdmin),
    CONCURRENCY_GUARD_ADMIN_PORT: String(ports.guardAdmin),
    CONCURRENCY_GUARD_URL: `http://127.0.0.1:${ports.guardAdmin}`,
  };
  const children = new Map<string, ChildProcess>();
  const stop = async (): Promise<void> => {
    for (const child of [...children.values()].reverse()) {
      if (child.exitCode !== null) continue;
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    }
  };
  try {
    for (const [name, program] of [
      ['broker', 'libs/embedded-kafka/src/main.ts'],
      ['guard', 'apps/concurrency-guard/src/main.ts'],
      ['gateway', 'apps/gateway/src/main.ts'],
    ] as const) {
      const [command, ...args] = [...wrap, process.execPath, join(REPOSITORY, program)];
      const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      children.set(name, child);
      await untilReady(child, name);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    gateway: `http://127.0.0.1:${ports.gateway}`,
    brokers: env.KAFKA_BROKERS,
    described: 'broker, guard and gateway in a process each',
    cpuSeconds: () => Object.fromEntries([...children].map(([name, { pid }]) => [name, treeCpuSeconds(pid!)])),
    stop,
  };
}

/** A process says over IPC when it is ready, and ends when the channel does. */
function untilReady(child: ChildProcess, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} was not ready in time`)), READY_TIMEOUT_MS);
    child.on('message', (message: { readonly type?: string }) => {
      if (message.type !== 'ready') return;
      clearTimeout(timer);
      resolve();
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`${name} ended with ${code} before it was ready`));
    });
  });
}
