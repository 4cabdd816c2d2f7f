import { atMost, backoffMs, pause } from '../kafka/retry.ts';
import type { Logger } from '../kafka/types.ts';
import type { StreamsInstance } from './streams-instance.ts';

/** After so many replacements the pauses before the next one grow no longer. */
const LONGEST_PAUSE_AFTER = 5;

/** Where an instance's errors go. */
export type OnInstanceError = (error: unknown) => void;

/** The present instance of an application; after one that failed there may be another. */
export class InstanceHolder {
  readonly #make: (onError: OnInstanceError) => StreamsInstance;
  readonly #logger: Logger;
  readonly #ending = new AbortController();
  #current: StreamsInstance | undefined;
  #replacing: Promise<void> = Promise.resolve();
  #replacements = 0;

  constructor(make: (onError: OnInstanceError) => StreamsInstance, logger: Logger) {
    this.#make = make;
    this.#logger = logger;
  }

  get current(): StreamsInstance | undefined {
    return this.#current;
  }

  /** Makes an instance and starts it; `onError` is told what goes wrong in it, until it is replaced or stopped. */
  launch(onError: OnInstanceError): void {
    const tell: OnInstanceError = (error) => {
      if (this.#current === instance) onError(error);
    };
    const instance = this.#make(tell);
    this.#current = instance;
    instance.start().catch(tell);
  }

  /** Ends the instance without a commit, in `timeoutMs` or by force, and launches another one after a pause that grows. */
  replace(onError: OnInstanceError, timeoutMs: number): void {
    const failed = this.#current;
    this.#current = undefined;
    this.#replacing = (async () => {
      if (failed !== undefined) await this.#stop(failed, { commit: false }, timeoutMs);
      await pause(backoffMs(Math.min(++this.#replacements, LONGEST_PAUSE_AFTER)), this.#ending.signal);
      if (!this.#ending.signal.aborted) this.launch(onError);
    })();
  }

  /** Asks every other instance to end; waits at most `timeoutMs` until they have been told. */
  async shutDownApplication(reason: string, timeoutMs: number): Promise<void> {
    const told = this.#current?.shutDownApplication(reason);
    if (told === undefined) return;
    try {
      await atMost(told, timeoutMs);
    } catch (error) {
      this.#logger.error({ err: error }, 'the other instances could not be told to end');
    }
  }

  /** Ends what runs, for good. Gives whether it ended within `timeoutMs`; if not, it is ended by force. */
  async stop(how: { readonly commit: boolean }, timeoutMs: number): Promise<boolean> {
    this.#ending.abort();
    await this.#replacing;
    return this.#current === undefined || (await this.#stop(this.#current, how, timeoutMs));
  }

  async #stop(instance: StreamsInstance, how: { readonly commit: boolean }, timeoutMs: number): Promise<boolean> {
    let inTime = false;
    await atMost(
      instance.stop(how).then(() => (inTime = true)),
      timeoutMs,
    );
    if (inTime) return true;
    this.#logger.warn({ timeoutMs }, 'not closed in time; what is left is dropped');
    instance.abandon();
    return false;
  }
}
