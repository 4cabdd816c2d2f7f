import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '@playhead/start/testing';

/** A broker that is measured, in a process of its own. */
export interface Contestant {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** From its start on an empty directory until it answers. */
  readonly startMs: number;
  close(): Promise<void>;
}

/** The development broker as `npm run broker` starts it. `wrap` is put before the command, such as `taskset`. */
export async function startEmbedded(wrap: readonly string[]): Promise<Contestant> {
  const main = fileURLToPath(new URL('main.ts', import.meta.resolve('@playhead/embedded-kafka')));
  const dataDir = await mkdtemp(join(tmpdir(), 'playhead-bench-'));
  const started = performance.now();
  const [command, ...args] = wrap.length === 0 ? [process.execPath, main] : [...wrap, process.execPath, main];
  // `taskset` becomes the program that it starts, so the pid is the broker's.
  const child = spawn(command, args, {
    env: { ...process.env, KAFKA_PORT: '0', SCHEMA_REGISTRY_PORT: '0', PLAYHEAD_DATA_DIR: dataDir },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const [{ port }] = (await once(child, 'message')) as [{ readonly port: number }];
  const startMs = performance.now() - started;
  return {
    name: 'embedded-kafka',
    port,
    pid: child.pid!,
    startMs,
    close: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** An Apache Kafka from Maven, or the reason why there is none. */
export async function startApacheKafka(wrap: readonly string[]): Promise<Contestant | string> {
  for (const program of ['java', 'mvn']) {
    if (spawnSync(program, ['-version']).error !== undefined) return `${program} is not installed`;
  }
  const script = join(import.meta.dirname, '../../tools/real-kafka/start-kafka.sh');
  const dataDir = await mkdtemp(join(tmpdir(), 'playhead-bench-kafka-'));
  // Its controller takes the one after it.
  const [port = 0] = await freePorts(1);
  const run = async (...args: readonly string[]): Promise<number> => {
    const env = { ...process.env, KAFKA_WRAP: wrap.join(' ') };
    const shell = spawn(script, [`${port}`, dataDir, ...args], { env, stdio: 'ignore' });
    const [code] = (await once(shell, 'exit')) as [number];
    return code;
  };
  const started = performance.now();
  const code = await run();
  if (code !== 0) return `start-kafka.sh ended with ${code}`;
  const startMs = performance.now() - started;
  const pid = Number(spawnSync('cat', [join(dataDir, 'pid')]).stdout.toString());
  return {
    name: `Apache Kafka ${process.env['KAFKA_VERSION'] ?? '4.3.1'}`,
    port,
    pid,
    startMs,
    close: async () => {
      await run('stop');
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
