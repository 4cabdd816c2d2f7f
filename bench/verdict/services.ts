import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { childReady } from '@playhead/chaos-streams/testing';
import { freePlayheadPorts, freePorts, startPlayhead } from '@playhead/start/testing';
import { treeCpuSeconds } from '../cpu-time.ts';

const REPOSITORY = join(import.meta.dirname, '../..');

/** What is measured, running. */
export interface Services {
  /** Addresses of the gateways. */
  readonly gateways: readonly string[];
  readonly brokers: string;
  /** Address of the schema registry. */
  readonly registry: string;
  readonly described: string;
  /** The processes by name, each with an IPC channel; none where all services share one. */
  readonly processes: ReadonlyMap<string, ChildProcess>;
  /** User and system seconds so far, by process. */
  cpuSeconds(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/** As `npm start` has them: the broker, and gateway and guard together in another process. */
export async function servicesInOne(dataDir: string, wrap: readonly string[]): Promise<Services> {
  const playhead = await startPlayhead({ dataDir, wrap, env: { LOG_LEVEL: 'warn' } });
  return {
    gateways: [playhead.url],
    brokers: `127.0.0.1:${playhead.ports.kafka}`,
    registry: `http://127.0.0.1:${playhead.ports.registry}`,
    described: 'gateway and guard in one process',
    processes: new Map(),
    cpuSeconds: () => ({ all: treeCpuSeconds(playhead.pid) }),
    stop: async () => void (await playhead.stop()),
  };
}

/** Where the event loops run, when the services have cores of their own: left to the scheduler, all three may be on one core and wait for each other. */
const CORE_OF_GATEWAYS = 0;
const CORE_OF_OTHERS = 1;

/** As in an installation: a process each, and as many gateways as are wanted; `nodeArguments` are for each of them. */
export async function servicesEach(
  dataDir: string,
  wrap: readonly string[],
  gatewayCount: number,
  nodeArguments: readonly string[] = [],
): Promise<Services> {
  const ports = await freePlayheadPorts();
  const gatewayPorts = await freePorts(2 * gatewayCount, Object.values(ports));
  const env = {
    ...process.env,
    LOG_LEVEL: 'warn',
    PLAYHEAD_DATA_DIR: dataDir,
    KAFKA_PORT: String(ports.kafka),
    SCHEMA_REGISTRY_PORT: String(ports.registry),
    KAFKA_BROKERS: `127.0.0.1:${ports.kafka}`,
    SCHEMA_REGISTRY_URL: `http://127.0.0.1:${ports.registry}`,
    AUTO_REGISTER_SCHEMAS: 'true',
    CONCURRENCY_GUARD_ADMIN_PORT: String(ports.guardAdmin),
    CONCURRENCY_GUARD_URL: `http://127.0.0.1:${ports.guardAdmin}`,
  };
  const children = new Map<string, ChildProcess>();
  const stop = async (): Promise<void> => {
    for (const child of [...children.values()].reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      if (child.connected) child.disconnect();
      await ended;
    }
  };
  try {
    const start = async (name: string, program: string, own: Readonly<Record<string, string>> = {}): Promise<void> => {
      const [command, ...args] = [...wrap, process.execPath, ...nodeArguments, join(REPOSITORY, program)];
      const child = spawn(command, args, { env: { ...env, ...own }, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      children.set(name, child);
      await childReady(child, name);
      // Without -a the main thread alone; the collector's threads stay on all cores of the services.
      const core = name.startsWith('gateway') ? CORE_OF_GATEWAYS : CORE_OF_OTHERS;
      if (wrap.length > 0 && spawnSync('taskset', ['-cp', `${core}`, `${child.pid}`]).status !== 0)
        throw new Error(`${name} cannot be moved to core ${core}`);
    };
    await start('broker', 'libs/embedded-kafka/src/main.ts');
    await start('guard', 'apps/concurrency-guard/src/main.ts');
    for (let i = 0; i < gatewayCount; i++) {
      const name = `gateway-${i + 1}`;
      const ownDir = join(dataDir, name);
      // The keys of the installation; its disk queue is a gateway's own.
      await cp(join(dataDir, 'keys'), join(ownDir, 'keys'), { recursive: true });
      await start(name, 'apps/gateway/src/main.ts', {
        PLAYHEAD_DATA_DIR: ownDir,
        GATEWAY_INSTANCE: name,
        GATEWAY_PORT: String(gatewayPorts[2 * i]),
        GATEWAY_ADMIN_PORT: String(gatewayPorts[2 * i + 1]),
      });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    gateways: Array.from({ length: gatewayCount }, (_, i) => `http://127.0.0.1:${gatewayPorts[2 * i]}`),
    brokers: env.KAFKA_BROKERS,
    registry: env.SCHEMA_REGISTRY_URL,
    described: `broker, guard and ${gatewayCount === 1 ? 'gateway' : `${gatewayCount} gateways`} in a process each${wrap.length > 0 ? ', event loops of gateways on core 0, of broker and guard on 1' : ''}`,
    processes: children,
    cpuSeconds: () => Object.fromEntries([...children].map(([name, { pid }]) => [name, treeCpuSeconds(pid!)])),
    stop,
  };
}
