import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childReady } from '@playhead/chaos-streams/testing';
import { RawClient } from '@playhead/embedded-kafka/testing';
import type { HostMessage } from './broker-host.ts';

/** A broker that is killed and started again on the same data and port. */
export class BrokerProcess {
  /** Logs compacted over all its lives. */
  compactions = 0;
  port = 0;
  readonly #dataDir: string;
  #child: ChildProcess | undefined;
  #up = Promise.withResolvers<void>();

  private constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  static async start(): Promise<BrokerProcess> {
    const broker = new BrokerProcess(await mkdtemp(join(tmpdir(), 'playhead-chaos-')));
    await broker.startAgain();
    return broker;
  }

  /** Ends it with SIGKILL. */
  async kill(): Promise<void> {
    const child = this.#child!;
    this.#up = Promise.withResolvers();
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Starts it on the data that is there; resolves when it serves. */
  async startAgain(): Promise<void> {
    const host = join(import.meta.dirname, 'broker-host.ts');
    const child = fork(host, [this.#dataDir, `${this.port}`], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#child = child;
    let seen = 0;
    child.on('message', ({ compacted }: HostMessage) => {
      if (compacted === undefined) return;
      this.compactions += compacted - seen;
      seen = compacted;
    });
    ({ port: this.port = 0 } = await childReady(child, 'the broker'));
    this.#up.resolve();
  }

  /** A new connection, as soon as it serves; tried again when it is killed meanwhile. */
  async connect(): Promise<RawClient> {
    for (;;) {
      await this.#up.promise;
      try {
        return await RawClient.connect(this.port);
      } catch {
        // Killed between the two: `up` is a new promise, or will be in the next turn.
        await new Promise(setImmediate);
      }
    }
  }

  /** Compacts what is there to be compacted now; false when it was killed meanwhile. */
  async maintain(): Promise<boolean> {
    const child = this.#child!;
    if (!child.connected) return false;
    const done = new Promise<boolean>((resolve) => {
      child.once('exit', () => resolve(false));
      child.on('message', ({ maintained }: HostMessage) => maintained && resolve(true));
    });
    child.send('maintain', () => undefined);
    return done;
  }

  async close(): Promise<void> {
    if (this.#child?.exitCode === null && this.#child.signalCode === null) await this.kill();
    await rm(this.#dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}
