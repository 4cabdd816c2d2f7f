import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { InstanceMessage, InstanceSettings } from './application/instance-settings.ts';
import type { Guardian } from './guardian.ts';

/** So many that end by themselves are replaced; the run has failed with the first. */
const MAX_FAILURES = 10;

/** A process of the application. */
interface Instance {
  readonly name: string;
  readonly child: ChildProcess;
  /** Which state it has: as if each were a machine of its own. */
  readonly slot: number;
  isFrozen: boolean;
  isLeaving: boolean;
  processed: number;
  commits: number;
}

/** Chooses among those to whom it can be done: at least one. */
export type Pick = (instances: readonly Instance[]) => Instance | undefined;

/** The application's processes: starts them, kills, freezes and wakes them. */
export class Instances {
  /** Reasons of instances that ended without having been asked to. */
  readonly failures: string[] = [];
  readonly journals: InstanceSettings['journals'][] = [];
  readonly #settings: (name: string, slot: number) => InstanceSettings;
  readonly #guardian: Guardian;
  readonly #running = new Set<Instance>();
  #started = 0;
  #processed = 0;
  #commits = 0;

  constructor(settings: (name: string, slot: number) => InstanceSettings, guardian: Guardian) {
    this.#settings = settings;
    this.#guardian = guardian;
  }

  get count(): number {
    return this.#running.size;
  }

  get frozenCount(): number {
    return [...this.#running].filter(({ isFrozen }) => isFrozen).length;
  }

  /** As far as instances had told before they ended. */
  get recordsPerCommit(): number {
    let [processed, commits] = [this.#processed, this.#commits];
    for (const instance of this.#running) {
      processed += instance.processed;
      commits += instance.commits;
    }
    return commits === 0 ? 0 : Math.round(processed / commits);
  }

  /** On the state of one that has ended, where there is such a one. */
  start(): void {
    const name = `instance-${++this.#started}`;
    const slot = this.#freeSlot();
    const settings = this.#settings(name, slot);
    this.journals.push(settings.journals);
    const child = fork(join(import.meta.dirname, 'application/instance-process.ts'), [JSON.stringify(settings)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const instance = { name, child, slot, isFrozen: false, isLeaving: false, processed: 0, commits: 0 };
    this.#running.add(instance);
    if (child.pid !== undefined) this.#guardian.tell({ watch: child.pid });
    child.on('message', (message: InstanceMessage) => this.#heard(instance, message));
    child.once('exit', (code) => this.#ended(instance, code));
  }

  /** Ends one with SIGKILL, and resolves when it has ended; to false when there is none to pick. */
  async kill(pick: Pick): Promise<boolean> {
    const instance = this.#pick(({ isLeaving }) => !isLeaving, pick);
    if (instance === undefined) return false;
    instance.isLeaving = true;
    await killed(instance.child);
    return true;
  }

  /** Stops one, without its knowledge, and gives what lets it go on; undefined when there is none to pick. */
  freeze(pick: Pick): (() => void) | undefined {
    const instance = this.#pick(({ isFrozen, isLeaving }) => !isFrozen && !isLeaving, pick);
    if (instance === undefined) return undefined;
    instance.isFrozen = true;
    instance.child.kill('SIGSTOP');
    return () => {
      instance.isFrozen = false;
      instance.child.kill('SIGCONT');
    };
  }

  /** Asks one to close. */
  remove(pick: Pick): void {
    const instance = this.#pick(({ isFrozen, isLeaving }) => !isFrozen && !isLeaving, pick);
    if (instance === undefined || !instance.child.connected) return;
    instance.isLeaving = true;
    instance.child.send('close', () => undefined);
  }

  /** Kills all that are left. */
  async close(): Promise<void> {
    const left = [...this.#running];
    for (const instance of left) instance.isLeaving = true;
    await Promise.all(left.map(({ child }) => killed(child)));
  }

  #freeSlot(): number {
    const taken = new Set(Array.from(this.#running, ({ slot }) => slot));
    let slot = 0;
    while (taken.has(slot)) slot++;
    return slot;
  }

  #pick(isPossible: (instance: Instance) => boolean, pick: Pick): Instance | undefined {
    const possible = [...this.#running].filter(isPossible);
    return possible.length === 0 ? undefined : pick(possible);
  }

  #heard(instance: Instance, message: InstanceMessage): void {
    if ('failed' in message) this.failures.push(`${instance.name}: ${message.failed}`);
    else Object.assign(instance, message);
  }

  #ended(instance: Instance, code: number | null): void {
    this.#running.delete(instance);
    if (instance.child.pid !== undefined) this.#guardian.tell({ forget: instance.child.pid });
    this.#processed += instance.processed;
    this.#commits += instance.commits;
    if (instance.isLeaving) return;
    if (!this.failures.some((failure) => failure.startsWith(`${instance.name}:`)))
      this.failures.push(`${instance.name}: ended with ${code}`);
    if (this.failures.length < MAX_FAILURES) this.start();
  }
}

function killed(child: ChildProcess): Promise<unknown> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  return exited;
}
