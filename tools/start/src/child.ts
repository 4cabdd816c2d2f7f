import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { ChildMessage, Environment } from '@playhead/service-kit/process';
import type { EnvironmentMessage } from './environment-message.ts';

/** One of the processes that Playhead consists of. */
export interface ChildSpec {
  /** For people: `broker`. */
  readonly name: string;
  /** Absolute path of what it runs. */
  readonly program: string;
  readonly args?: readonly string[];
  readonly env: Environment;
  /** How long it may take to stop when it is asked to. */
  readonly stopMs: number;
}

/** A child process that has failed, or ended unasked. */
export class ChildError extends Error {
  readonly code = 'CHILD';

  constructor(message: string) {
    super(message);
    this.name = 'ChildError';
  }
}

/**
 * A process that speaks service-kit's `runProcess`: it tells when it is ready or has failed, stops when asked to, and
 * ends by itself when this process is gone.
 */
export class Child {
  readonly spec: ChildSpec;
  readonly #process: ChildProcess;
  readonly #ready = Promise.withResolvers<unknown>();
  readonly #exited = Promise.withResolvers<void>();
  readonly #failed = Promise.withResolvers<never>();
  #failure: string | undefined;
  #asked = false;
  #completed: Environment | undefined;

  constructor(spec: ChildSpec) {
    this.spec = spec;
    this.#process = spawn(process.execPath, [spec.program, ...(spec.args ?? [])], {
      env: { ...spec.env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    // Whoever waits for them sees the error; nobody has to.
    this.#ready.promise.catch(() => {});
    this.#failed.promise.catch(() => {});
    this.#process.on('message', (message: ChildMessage) => {
      if (message.type === 'ready') this.#ready.resolve(message.info);
      else this.#failure = message.message;
    });
    this.#process.on('error', (error) => this.#end(error.message));
    this.#process.on('exit', (code, signal) => this.#end(signal === null ? `exit code ${code}` : signal));
  }

  /** Resolves to what the child says about itself when it is ready; rejects when it ends before. */
  get ready(): Promise<unknown> {
    return this.#ready.promise;
  }

  /** Rejects with a `ChildError` when the child ends unasked; never resolves. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** The same process once more, with the same environment and, over it, `env`. */
  again(env: Environment): Child {
    const child = new Child({ ...this.spec, env: { ...this.spec.env, ...env } });
    if (this.#completed !== undefined) child.complete(this.#completed);
    return child;
  }

  /** Gives a child that waits for it the rest of its environment. */
  complete(env: Environment): void {
    this.#completed = env;
    const message: EnvironmentMessage = { type: 'environment', env };
    this.#process.send(message, () => {});
  }

  /** Asks the child to stop and kills it when it takes longer than it may. Resolves when it has ended. */
  async stop(): Promise<void> {
    this.#asked = true;
    if (this.#process.connected) this.#process.send({ type: 'stop' }, () => {});
    const timer = setTimeout(() => this.kill(), this.spec.stopMs);
    await this.#exited.promise;
    clearTimeout(timer);
  }

  /** Ends the child at once. */
  kill(): void {
    this.#asked = true;
    this.#process.kill('SIGKILL');
  }

  #end(how: string): void {
    const error = new ChildError(this.#failure ?? `the ${this.spec.name} process ended unexpectedly (${how})`);
    this.#ready.reject(error);
    if (!this.#asked) this.#failed.reject(error);
    this.#exited.resolve();
  }
}
