import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Guardian } from '../guardian.ts';
import type { BrokerUnderTest } from './broker-under-test.ts';

/** Starts the embedded broker as a process of its own, with its data in `directory`. */
export async function startEmbeddedBroker(directory: string, guardian: Guardian): Promise<BrokerUnderTest> {
  let child: ChildProcess;
  let port = 0;
  const start = async (): Promise<void> => {
    const host = join(import.meta.dirname, 'embedded-broker-host.ts');
    child = fork(host, [directory, `${port}`], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    if (child.pid !== undefined) guardian.tell({ watch: child.pid });
    const died = once(child, 'exit').then(([code]) => {
      throw new Error(`the broker ended with ${code} at its start`);
    });
    const ready = once(child, 'message').then(([message]) => (message as { readonly port: number }).port);
    port = await Promise.race([ready, died]);
    died.catch(() => undefined);
    ready.catch(() => undefined);
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
