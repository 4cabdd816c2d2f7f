import { Child } from './child.ts';
import type { ChildSpec } from './child.ts';
import type { Environment } from '@playhead/service-kit/process';

/** More ends than this within the window, and a child is given up. */
const MAX_RESTARTS = 5;
const RESTART_WINDOW_MS = 60_000;

/** Children that stop in the opposite order in which they were spawned. */
export class Family {
  readonly #children: Child[] = [];
  /** By a child's name: what it is started again with, such as the port it has got. */
  readonly #kept = new Map<string, Environment>();
  #stopping = false;

  /** Spawns a child without waiting for it. Throws once the family stops. */
  spawn(spec: ChildSpec): Child {
    if (this.#stopping) throw new Error('stopping');
    const child = new Child(spec);
    this.#children.push(child);
    return child;
  }

  /** Resolves to what the child says when it is ready. Rejects when it, or any other child, ends before. */
  ready(child: Child): Promise<unknown> {
    return Promise.race([child.ready, this.failed]);
  }

  /** Rejects when one of the children ends unasked; never resolves. */
  get failed(): Promise<never> {
    return Promise.race(this.#children.map(({ failed }) => failed));
  }

  /** Has a child that is started again come up as others know it: `env` goes over the environment that it was spawned with. */
  keep({ spec }: Child, env: Environment): void {
    this.#kept.set(spec.name, env);
  }

  /**
   * From now on a child that ends unasked is started again, and `say` told. Never resolves; rejects when one ends more
   * than 5 times within a minute or does not come up again.
   */
  async keepAlive(say: (message: string) => void): Promise<never> {
    return Promise.race(this.#children.map((_, index) => this.#keepAlive(index, say)));
  }

  async #keepAlive(index: number, say: (message: string) => void): Promise<never> {
    const endedAtMs: number[] = [];
    for (;;) {
      const ended = this.#children[index] as Child;
      const error: Error = await ended.failed.catch((cause: Error) => cause);
      endedAtMs.push(performance.now());
      const recent = endedAtMs.filter((at) => at > performance.now() - RESTART_WINDOW_MS);
      if (this.#stopping || recent.length > MAX_RESTARTS) throw error;
      say(`${error.message}; it is started again`);
      const child = ended.again(this.#kept.get(ended.spec.name) ?? {});
      this.#children[index] = child;
      // A child that is stopped while it comes up has not failed.
      await child.ready.catch((cause: Error) => {
        if (!this.#stopping) throw cause;
      });
    }
  }

  /** Stops the children, the last one first; each is killed when it takes longer than it may. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const child of this.#children.toReversed()) await child.stop();
  }

  /** Kills all at once. */
  kill(): void {
    this.#stopping = true;
    for (const child of this.#children) child.kill();
  }
}
