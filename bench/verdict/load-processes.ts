import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';

interface Message {
  readonly type: string;
}

/** Processes that work on the services, which end together: when one of them does, or at `end`. */
export class LoadProcesses {
  readonly #wrap: readonly string[];
  readonly #all: ChildProcess[] = [];

  /** `wrap` is put before each command, as `taskset` is. */
  constructor(wrap: readonly string[]) {
    this.#wrap = wrap;
  }

  /** Runs a program of this folder, with its settings as one argument of JSON. */
  start<From extends Message, To extends string>(program: string, settings: object): LoadProcess<From, To> {
    const file = join(import.meta.dirname, program);
    const [command, ...args] = [...this.#wrap, process.execPath, file, JSON.stringify(settings)];
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.on('error', () => this.end());
    child.once('exit', () => this.end());
    this.#all.push(child);
    return new LoadProcess(program, child);
  }

  end(): void {
    for (const child of this.#all) if (child.connected) child.disconnect();
  }
}

/** One of them: what it says, and what it is told. */
export class LoadProcess<From extends Message, To extends string> {
  readonly #program: string;
  readonly #child: ChildProcess;

  constructor(program: string, child: ChildProcess) {
    this.#program = program;
    this.#child = child;
  }

  tell(message: To): void {
    this.#child.send(message, () => {});
  }

  /** Its next message of a type; rejects when it ends before. */
  async heard<T extends From['type']>(type: T): Promise<Extract<From, { readonly type: T }>> {
    const { promise, resolve, reject } = Promise.withResolvers<Extract<From, { readonly type: T }>>();
    const child = this.#child;
    const ended = (code: number | null, signal: string | null): void =>
      reject(new Error(`${this.#program} ended with ${code ?? signal} before it was "${type}"`));
    const listen = (message: From): void => {
      if (message.type === type) resolve(message as Extract<From, { readonly type: T }>);
    };
    if (child.exitCode !== null || child.signalCode !== null) ended(child.exitCode, child.signalCode);
    child.on('message', listen).on('exit', ended).on('error', reject);
    try {
      return await promise;
    } finally {
      child.off('message', listen).off('exit', ended).off('error', reject);
    }
  }
}
