import { fork, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { once } from 'node:events';
import { childReady } from '@playhead/chaos-streams/testing';

const STOP_TIMEOUT_MS = 15_000;
const RESTART_PAUSE_MS = 200;

/** A process of the system under test. */
export interface ProcessSpec {
  readonly name: string;
  readonly program: string;
  readonly args?: readonly string[];
  /** Of Node. */
  readonly execArgv?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where its standard output and error go. */
  readonly logFile: string;
}

/** Runs a program over IPC, and again when it ended without having been asked to. It ends when this process ends. */
export class ManagedProcess {
  /** Ends that nobody had asked for. */
  readonly crashes: string[] = [];
  readonly #spec: ProcessSpec;
  #child: ChildProcess | undefined;
  #isWanted = false;
  /** What is done to the process, one after the other. */
  #queue: Promise<void> = Promise.resolve();

  constructor(spec: ProcessSpec) {
    this.#spec = spec;
  }

  get name(): string {
    return this.#spec.name;
  }

  /** Resolves when the process says that it is ready; rejects when it ended before or takes more than a minute. */
  async start(): Promise<void> {
    this.#isWanted = true;
    const { program, args = [], execArgv = [], env, logFile } = this.#spec;
    const log = openSync(logFile, 'a');
    const child = fork(program, [...args], {
      execArgv: [...process.execArgv, ...execArgv],
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.#child = child;
    child.once('exit', (code, signal) => this.#ended(child, code ?? signal));
    await childReady(child, this.name);
  }

  /** Ends it with SIGKILL, for good. */
  end(): Promise<void> {
    return this.#inTurn(() => this.#end((child) => child.kill('SIGKILL')));
  }

  /** Ends it with SIGKILL and starts it again; resolves when the new one is ready. */
  kill(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#end((child) => child.kill('SIGKILL'));
      await new Promise((resolve) => setTimeout(resolve, RESTART_PAUSE_MS));
      await this.start();
    });
  }

  /** Asks it to stop, as a deployment does, and starts it again; resolves when the new one is ready. */
  restart(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#end(askToStop);
      await this.start();
    });
  }

  /** Stops it for so long with SIGSTOP. Who wakes it is a process of its own, so that it wakes also when this one is gone. */
  freeze(ms: number): Promise<void> {
    return this.#inTurn(async () => {
      const pid = this.#child?.pid;
      if (pid === undefined) return;
      const script = `kill -STOP ${pid}; sleep ${(ms / 1000).toFixed(3)}; kill -CONT ${pid}`;
      await once(spawn('sh', ['-c', script], { detached: true, stdio: 'ignore' }), 'exit');
    });
  }

  /** Ends it for good. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#end(askToStop));
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(act);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #end(ask: (child: ChildProcess) => void): Promise<void> {
    this.#isWanted = false;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    ask(child);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }

  #ended(child: ChildProcess, how: unknown): void {
    if (!this.#isWanted || child !== this.#child) return;
    this.crashes.push(`${this.name} ended with ${how}`);
    setTimeout(() => {
      if (this.#isWanted) this.start().catch(() => undefined);
    }, RESTART_PAUSE_MS);
  }
}

const askToStop = (child: ChildProcess): void => {
  child.send({ type: 'stop' }, () => undefined);
};
