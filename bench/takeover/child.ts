import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { FromInstance, InstanceSettings, ToInstance } from './messages.ts';

/** An instance in a process of its own. */
export class Instance {
  readonly #child: ChildProcess;
  readonly #heard: FromInstance[] = [];
  #notify: () => void = () => {};

  /** `wrap` is put before the command, such as `taskset`; `nodeOptions` behind `node`. */
  constructor(settings: InstanceSettings, wrap: readonly string[], nodeOptions: readonly string[] = []) {
    const script = join(import.meta.dirname, 'instance.ts');
    const [command, ...args] = [...wrap, process.execPath, ...nodeOptions, script, JSON.stringify(settings)];
    this.#child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (message: FromInstance) => {
      this.#heard.push(message);
      this.#notify();
    });
    this.#child.on('exit', () => this.#notify());
  }

  tell(message: ToInstance): void {
    this.#child.send(message);
  }

  /** The first message of a type that `isWanted`, from now on or before. Rejects when the instance fails or ends first. */
  async hears<T extends FromInstance['type']>(
    type: T,
    isWanted: (message: Extract<FromInstance, { type: T }>) => boolean = () => true,
  ): Promise<Extract<FromInstance, { type: T }>> {
    for (;;) {
      for (const message of this.#heard) {
        if (message.type === 'failed') throw new Error(message.message);
        if (message.type !== type) continue;
        const found = message as Extract<FromInstance, { type: T }>;
        if (isWanted(found)) return found;
      }
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`an instance ended before it said "${type}"`);
      }
      await new Promise<void>((resolve) => {
        this.#notify = resolve;
      });
    }
  }

  /** Resolves when the process has ended by itself. */
  async ended(): Promise<void> {
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }

  /** kill -9, unless it has ended. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
