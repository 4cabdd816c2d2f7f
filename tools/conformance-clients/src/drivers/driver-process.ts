import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import {
  type ClientDriver,
  OperationError,
  type OperationFailure,
  type OperationName,
  type Operations,
} from './client-driver.ts';

/** No operation takes longer, a restart of the broker in its middle included. */
const OPERATION_LIMIT_MS = 180_000;
/** Of what a process prints, the end is enough to see what went wrong. */
const KEPT_OUTPUT_CHARACTERS = 4_000;

interface Waiting {
  resolve(result: never): void;
  reject(error: Error): void;
}

interface Answer {
  readonly id: number;
  readonly result?: never;
  readonly error?: OperationFailure;
}

/** A client in another language: JSON lines to its standard input, JSON lines back. */
export class DriverProcess implements ClientDriver {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<unknown>;
  #nextId = 1;
  #printed = '';

  constructor(command: string, args: readonly string[]) {
    this.#process = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#exited = once(this.#process, 'exit').then(() => this.#ended());
    this.#process.once('error', (error) => this.#ended(error));
    this.#process.stdin?.on('error', () => undefined);
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#printed = `${this.#printed}${chunk.toString()}`.slice(-KEPT_OUTPUT_CHARACTERS);
    });
    createInterface({ input: this.#process.stdout! }).on('line', (line) => this.#answered(line));
  }

  call<Name extends OperationName>(operation: Name, request: Operations[Name]['in']): Promise<Operations[Name]['out']> {
    return this.ask(operation, request);
  }

  /** An operation of whatever the program knows. */
  ask<Result>(operation: string, request: object): Promise<Result> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`${operation} was not answered within ${OPERATION_LIMIT_MS} ms; printed: ${this.#printed}`));
      }, OPERATION_LIMIT_MS);
      this.#waiting.set(id, {
        resolve(result) {
          clearTimeout(timer);
          resolve(result);
        },
        reject(error) {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#process.stdin?.write(`${JSON.stringify({ ...request, id, operation })}\n`);
    });
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  #answered(line: string): void {
    const { id, result, error } = JSON.parse(line) as Answer;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result as never);
    else waiting?.reject(new OperationError(error));
  }

  #ended(cause?: Error): void {
    for (const { reject } of this.#waiting.values()) {
      reject(new Error(`the client's process ended; it printed: ${this.#printed}`, { cause }));
    }
    this.#waiting.clear();
  }
}
