import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Guardian } from '../guardian.ts';
import type { BrokerUnderTest } from './broker-under-test.ts';

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, '../../../real-kafka/start-kafka.sh');
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 120_000;

/** An Apache Kafka that somebody else has started: it is left as it is. */
export function foreignBroker(bootstrap: string): BrokerUnderTest {
  const port = Number(bootstrap.split(':')[1]);
  return { port, restart: undefined, close: () => Promise.resolve() };
}

/** Starts an Apache Kafka with its data in `directory`. It is restarted as an operator does it, with SIGTERM. */
export async function startRealBroker(directory: string, guardian: Guardian): Promise<BrokerUnderTest> {
  const port = await freePort();
  const env = { KAFKA_HEAP: '512m', ...process.env, KAFKA_EXTRA: 'group.min.session.timeout.ms=100' };
  let pid = 0;
  guardian.tell({ pidFile: join(directory, 'pid') });
  const start = async (): Promise<void> => {
    const { stdout } = await run(SCRIPT, [`${port}`, directory], { env, timeout: START_TIMEOUT_MS });
    pid = Number(stdout.trim());
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    process.kill(pid, signal);
    const deadline = performance.now() + STOP_TIMEOUT_MS;
    while (isAlive(pid)) {
      if (performance.now() > deadline) throw new Error(`the broker did not end within ${STOP_TIMEOUT_MS} ms`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await start();
  return {
    port,
    // Not SIGKILL: a single Apache Kafka that comes back while its partitions have no leader yet takes them for deleted,
    // and a transaction that was being committed goes without its markers (README).
    restart: async () => {
      await end('SIGTERM');
      await start();
    },
    close: () => (isAlive(pid) ? end('SIGKILL') : Promise.resolve()),
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The script takes the port after it for the controller: below the range from which clients get theirs. */
async function freePort(): Promise<number> {
  for (let port = 19_791; port < 19_991; port += 2) {
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
  throw new Error('no two free ports between 19791 and 19991');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => {
      const { port: taken } = server.address() as AddressInfo;
      server.close(() => resolve(taken === port));
    });
  });
}
