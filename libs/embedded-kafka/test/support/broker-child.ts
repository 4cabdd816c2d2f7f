import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** What the broker tells its parent. */
export interface ReadyMessage {
  readonly type: 'ready';
  readonly port: number;
  readonly registryPort: number;
}

/** `main.ts` as a process of its own, on free ports unless the environment names some. */
export class BrokerChild {
  readonly process: ChildProcess;
  readonly exited: Promise<number | NodeJS.Signals>;
  stdout = '';
  stderr = '';

  constructor(
    dataDir: string,
    options: { readonly env?: Readonly<Record<string, string>>; readonly args?: readonly string[] } = {},
  ) {
    const env = {
      ...process.env,
      KAFKA_PORT: '0',
      SCHEMA_REGISTRY_PORT: '0',
      PLAYHEAD_DATA_DIR: dataDir,
      ...options.env,
    };
    this.process = spawn(process.execPath, [MAIN, ...(options.args ?? [])], {
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.process.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.process.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    // Not the process's own 'close': it does not come when the parent has disconnected.
    const outputs = [this.process.stdout, this.process.stderr].map((stream) => stream && once(stream, 'close'));
    this.exited = Promise.all([once(this.process, 'exit'), ...outputs]).then(
      ([[code, signal]]) => (signal ?? code) as number | NodeJS.Signals,
    );
  }

  /** Resolves with its ports; rejects with what it said when it ends instead. */
  async ready(): Promise<ReadyMessage> {
    const ended = this.exited.then((how) => {
      throw new Error(`the broker ended (${how}): ${this.stderr}`);
    });
    const [message] = (await Promise.race([once(this.process, 'message'), ended])) as [ReadyMessage];
    return message;
  }
}
