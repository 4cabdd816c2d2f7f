import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Guardian } from '../guardian.ts';
import type { BrokerUnderTest } from './broker-under-test.ts';
import { claimPorts } from './claimed-ports.ts';

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, '../../../real-kafka/start-kafka.sh');
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 30_000;

/** An Apache Kafka that somebody else has started: it is left as it is. */
export function foreignBroker(bootstrap: string): BrokerUnderTest {
  const port = Number(bootstrap.split(':')[1]);
  return { port, restart: undefined, close: () => Promise.resolve() };
}

/**
 * Starts an Apache Kafka with its data in `directory`: a broker, and a controller in a process of its own. The broker is restarted with SIGKILL; it comes back once its session at the
 * controller is over.
 */
export async function startRealBroker(directory: string, guardian: Guardian): Promise<BrokerUnderTest> {
  const ports = await claimPorts();
  const port = ports.broker;
  const env = {
    KAFKA_HEAP: '512m',
    ...process.env,
    // A controller in the same process would end with it, and leave the partitions their leader: a broker that comes back takes transactions for complete whose markers nobody wrote (README).
    KAFKA_CONTROLLER: 'apart',
    KAFKA_EXTRA: 'group.min.session.timeout.ms=100',
  };
  const pidFiles = { broker: join(directory, 'pid'), controller: join(directory, 'controller.pid') };
  for (const pidFile of Object.values(pidFiles)) guardian.tell({ pidFile });
  const start = async (): Promise<void> => {
    await run(SCRIPT, [`${port}`, directory], { env, timeout: START_TIMEOUT_MS });
  };
  await start();
  /** One restart after the other: the next one would end what this one waits for. */
  let restarted = Promise.resolve();
  return {
    port,
    restart: () => {
      restarted = restarted.then(async () => {
        await end(pidFiles.broker);
        await start();
      });
      return restarted;
    },
    close: async () => {
      await end(pidFiles.broker);
      await end(pidFiles.controller);
      ports.release();
    },
  };
}

/** With SIGKILL, if it runs. */
async function end(pidFile: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8'));
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  const deadline = performance.now() + STOP_TIMEOUT_MS;
  while (isAlive(pid)) {
    if (performance.now() > deadline) throw new Error(`process ${pid} did not end within ${STOP_TIMEOUT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
