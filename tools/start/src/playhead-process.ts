import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from './free-ports.ts';

export { freePorts, isFree } from './free-ports.ts';

const repositoryRoot = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const READY_TIMEOUT_MS = 60_000;

/** Settings for tests: a busy machine may need longer for an answer than a viewer is kept waiting. */
export const PATIENT: Readonly<Record<string, string>> = {
  GATEWAY_DECISION_TIMEOUT_MS: '20000',
  GATEWAY_LOOKUP_TIMEOUT_MS: '20000',
  GATEWAY_LOG_TIMEOUT_MS: '10000',
};

/** A whole Playhead in processes of its own, as `npm start` runs it: for tests and benchmarks. */
export interface PlayheadProcess {
  readonly url: string;
  readonly ports: PlayheadPorts;
  readonly dataDir: string;
  readonly pid: number;
  /** Milliseconds from the start of the process to its ready line. */
  readonly readyAfterMs: number;
  /** Everything it printed so far. */
  output(): string;
  /** Ends it as Ctrl-C does and resolves to its exit code. */
  stop(): Promise<number | null>;
  /** Kills the parent at once, as `kill -9` does. */
  kill(): Promise<void>;
  /** A token of this installation, by `npm run token`. */
  token(...options: string[]): string;
}

/** The ports of one Playhead. */
export interface PlayheadPorts {
  readonly gateway: number;
  readonly gatewayAdmin: number;
  readonly guardAdmin: number;
  readonly kafka: number;
  readonly registry: number;
}

/** What a Playhead is started with; without ports five free ones are taken. */
export interface PlayheadProcessOptions {
  readonly dataDir: string;
  readonly ports?: PlayheadPorts;
  readonly env?: Readonly<Record<string, string>>;
  /** Put in front of the command, such as `taskset -c 0,1`. */
  readonly wrap?: readonly string[];
}

/** Ports on which nobody listens, no two the same. */
export async function freePlayheadPorts(): Promise<PlayheadPorts> {
  const [gateway, gatewayAdmin, guardAdmin, kafka, registry] = await freePorts(5);
  return {
    gateway: gateway!,
    gatewayAdmin: gatewayAdmin!,
    guardAdmin: guardAdmin!,
    kafka: kafka!,
    registry: registry!,
  };
}

const environmentOf = (options: PlayheadProcessOptions, ports: PlayheadPorts): NodeJS.ProcessEnv => ({
  ...process.env,
  SIMULATED_VIEWERS: '0',
  PLAYHEAD_DATA_DIR: options.dataDir,
  GATEWAY_PORT: String(ports.gateway),
  GATEWAY_ADMIN_PORT: String(ports.gatewayAdmin),
  CONCURRENCY_GUARD_ADMIN_PORT: String(ports.guardAdmin),
  KAFKA_PORT: String(ports.kafka),
  SCHEMA_REGISTRY_PORT: String(ports.registry),
  ...options.env,
});

function untilReady(child: ChildProcess, output: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`not ready after ${READY_TIMEOUT_MS} ms:\n${output()}`)),
      READY_TIMEOUT_MS,
    );
    child.stdout!.on('data', () => {
      const ready = /^Playhead is ready at (\S+)$/m.exec(output());
      if (ready === null) return;
      clearTimeout(timer);
      resolve(ready[1]!);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`ended with exit code ${code} before it was ready:\n${output()}`));
    });
  });
}

/** Starts Playhead and resolves when it says that it is ready; rejects with its output when it ends before. */
export async function startPlayhead(options: PlayheadProcessOptions): Promise<PlayheadProcess> {
  const ports = options.ports ?? (await freePlayheadPorts());
  const env = environmentOf(options, ports);
  const [command, ...args] = [...(options.wrap ?? []), process.execPath, 'tools/start/src/main.ts'];
  const startedAt = performance.now();
  const child = spawn(command, args, { cwd: repositoryRoot, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const output = (): string => text;
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await untilReady(child, output).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    url,
    ports,
    dataDir: options.dataDir,
    pid: child.pid!,
    readyAfterMs: performance.now() - startedAt,
    output,
    stop: () => {
      child.kill('SIGINT');
      return exited;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    token: (...tokenOptions) => {
      const made = spawnSync(process.execPath, ['tools/token/src/main.ts', ...tokenOptions], {
        cwd: repositoryRoot,
        env,
      });
      if (made.status !== 0) throw new Error(`no token: ${made.stderr.toString()}`);
      return made.stdout.toString().trim();
    },
  };
}
