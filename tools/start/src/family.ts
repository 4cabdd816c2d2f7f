import { Child } from './child.ts';
import type { ChildSpec } from './child.ts';

/** Children that stop in the opposite order in which they were spawned. */
export class Family {
  readonly #children: Child[] = [];
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
