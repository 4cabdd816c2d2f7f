/**
 * A process that outlives the tool: when the tool is gone, however it ended, this ends what the tool had started. A
 * frozen process cannot do that itself.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';

/** What the guardian is told. */
export type GuardianMessage =
  | { readonly watch: number }
  | { readonly forget: number }
  /** A file that will hold a process id. */
  | { readonly pidFile: string }
  | { readonly removeDirectory: string };

/** The tool's side. */
export class Guardian {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(join(import.meta.dirname, 'guardian-process.ts'), [], { stdio: 'ignore', detached: true });
    this.#child.unref();
    this.#child.channel?.unref();
  }

  tell(message: GuardianMessage): void {
    if (this.#child.connected) this.#child.send(message);
  }

  /** It then has nothing to do but what it was told. */
  close(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
