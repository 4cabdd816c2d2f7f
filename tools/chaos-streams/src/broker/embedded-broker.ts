import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { childReady } from '../child-ready.ts';
import type { Guardian } from '../guardian.ts';
import type { BrokerUnderTest } from './broker-under-test.ts';

/** The program of a development broker: `DIRECTORY PORT REGISTRY-PORT`; over IPC it is ready, and ends at any message. */
export const EMBEDDED_BROKER_HOST = join(import.meta.dirname, 'embedded-broker-host.ts');

/** Starts the embedded broker as a process of its own, with its data in `directory`. */
export async function startEmbeddedBroker(directory: string, guardian: Guardian): Promise<BrokerUnderTest> {
  let child: ChildProcess;
  let port = 0;
  const start = async (): Promise<void> => {
    child = fork(EMBEDDED_BROKER_HOST, [directory, `${port}`], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    if (child.pid !== undefined) guardian.tell({ watch: child.pid });
    ({ port = 0 } = await childReady(child, 'the broker'));
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    if (child.pid !== undefined) guardian.tell({ forget: child.pid });
  };
  await start();
  return {
    get port() {
      return port;
    },
    restart: async () => {
      await kill();
      await start();
    },
    close: kill,
  };
}
