import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrokerOptions } from './broker-options.ts';
import { startBroker, type RunningBroker } from './broker.ts';

export { RawClient } from './testing/raw-client.ts';

/** A broker for a test. */
export interface TestBroker extends RunningBroker {
  /** `127.0.0.1:<port>`, as clients take it. */
  readonly address: string;
  readonly registryUrl: string;
  /** Closes the broker and starts it again on the same data, port and registry port. This object then stands for the new one; hooks are gone. */
  restart(): Promise<void>;
}

/**
 * Starts a broker on free ports and, unless a data directory is given, in a temporary one that `close` removes.
 * Says nothing unless a logger is given.
 */
export async function startTestBroker(options: Partial<BrokerOptions> = {}): Promise<TestBroker> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'playhead-broker-')));
  const start = (ports: { readonly port: number; readonly registryPort: number }): Promise<RunningBroker> =>
    startBroker({ ...options, ...ports, dataDir });
  const first = { port: options.port ?? 0, registryPort: options.registryPort ?? 0 };
  let broker = await start(first);
  const { port, registryPort } = broker;
  return {
    port,
    registryPort,
    dataDir,
    address: `127.0.0.1:${port}`,
    registryUrl: `http://127.0.0.1:${registryPort}`,
    get control() {
      return broker.control;
    },
    maintain: () => broker.maintain(),
    async restart() {
      await broker.close();
      broker = await start({ port, registryPort });
    },
    async close() {
      await broker.close();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
