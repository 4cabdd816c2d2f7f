import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { HostMessage } from './broker-host.ts';

/** The process of `broker-host.ts`. */
export class BrokerUnderAttack {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #exited: Promise<never>;

  private constructor(child: ChildProcess, port: number, exited: Promise<never>) {
    this.#child = child;
    this.port = port;
    this.#exited = exited;
  }

  static async start(): Promise<BrokerUnderAttack> {
    const child = fork(join(import.meta.dirname, 'broker-host.ts'), { execArgv: ['--expose-gc'] });
    const exited = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`the broker ended with ${signal ?? code}`);
    });
    exited.catch(() => undefined);
    const [{ port }] = (await Promise.race([once(child, 'message'), exited])) as [HostMessage];
    return new BrokerUnderAttack(child, port!, exited);
  }

  /** Rejects when the process ends. */
  get exited(): Promise<never> {
    return this.#exited;
  }

  /** Bytes that are reachable after a collection, in the heap and outside it. */
  async memoryBytes(): Promise<number> {
    return (await this.#ask('memory')).memoryBytes!;
  }

  /** Closes the broker and starts it again on its data. */
  async restart(): Promise<void> {
    await this.#ask('restart');
  }

  async close(): Promise<void> {
    if (!this.#child.connected) return;
    const ended = this.#exited.catch(() => undefined);
    this.#child.send('close');
    await ended;
  }

  async #ask(request: string): Promise<HostMessage> {
    const answer = Promise.race([once(this.#child, 'message'), this.#exited]);
    this.#child.send(request);
    const [message] = (await answer) as [HostMessage];
    return message;
  }
}
