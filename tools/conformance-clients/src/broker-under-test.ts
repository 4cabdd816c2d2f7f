import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The broker that the clients are tried against. */
export interface BrokerUnderTest {
  readonly name: string;
  /** `host:port`. */
  readonly brokers: string;
  /** Where its Schema Registry is, if it has one. */
  readonly registryUrl: string | undefined;
  /** Ends it without warning and starts it again on the same data; undefined where that cannot be done from here. */
  readonly restart: (() => Promise<void>) | undefined;
  /** The last warnings and errors that it logged, as far as they can be seen from here. */
  complaints(): readonly string[];
  close(): Promise<void>;
}

const MAX_COMPLAINTS = 40;

interface ReadyMessage {
  readonly port: number;
  readonly registryPort: number;
}

/** The embedded broker as `npm run broker` starts it, a process of its own on free ports; a restart is a `kill -9`. */
export async function startEmbeddedBroker(): Promise<BrokerUnderTest> {
  const main = fileURLToPath(new URL('main.ts', import.meta.resolve('@playhead/embedded-kafka')));
  const dataDir = await mkdtemp(join(tmpdir(), 'playhead-conformance-'));
  const complaints: string[] = [];
  let child: ChildProcess;
  const start = async (ports: ReadyMessage): Promise<ReadyMessage> => {
    const env = { ...process.env, KAFKA_PORT: `${ports.port}`, SCHEMA_REGISTRY_PORT: `${ports.registryPort}` };
    child = spawn(process.execPath, [main], {
      env: { ...env, PLAYHEAD_DATA_DIR: dataDir },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    createInterface({ input: child.stderr! }).on('line', (line) => {
      if (line.includes('"level":"info"')) return;
      complaints.push(line);
      if (complaints.length > MAX_COMPLAINTS) complaints.shift();
    });
    const died = once(child, 'exit').then(([code]) => {
      throw new Error(`the broker ended with ${code} at its start`);
    });
    const [message] = (await Promise.race([once(child, 'message'), died])) as [ReadyMessage];
    died.catch(() => undefined);
    return message;
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  const ports = await start({ port: 0, registryPort: 0 });
  return {
    name: 'embedded-kafka',
    brokers: `127.0.0.1:${ports.port}`,
    registryUrl: `http://127.0.0.1:${ports.registryPort}`,
    restart: async () => {
      await kill();
      await start(ports);
    },
    complaints: () => complaints,
    close: async () => {
      await kill();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A broker that runs already; `restartCommand` is a shell command that resolves when it serves again. */
export function brokerAt(
  brokers: string,
  registryUrl: string | undefined,
  restartCommand: string | undefined,
): BrokerUnderTest {
  const restart = async (): Promise<void> => {
    // Its output goes nowhere: a broker that the command leaves running would hold a pipe open.
    const shell = spawn('bash', ['-c', restartCommand ?? ''], { stdio: 'ignore' });
    const [code] = (await once(shell, 'exit')) as [number];
    if (code !== 0) throw new Error(`the restart command ended with ${code}: ${restartCommand}`);
  };
  return {
    name: brokers,
    brokers,
    registryUrl,
    restart: restartCommand === undefined ? undefined : restart,
    complaints: () => [],
    close: () => Promise.resolve(),
  };
}
