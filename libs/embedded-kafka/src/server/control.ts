import { errorName, findApi } from '@playhead/kafka-protocol';
import type { RequestContext } from './handler.ts';

/** What a test does to a request: nothing (undefined), or one of these. */
export type Interception =
  /** The broker answers this error and does nothing else. */
  | { readonly action: 'fail'; readonly errorCode: number }
  /** The request is handled later; its connection is parked meanwhile. */
  | { readonly action: 'delay'; readonly delayMs: number }
  /** The connection is closed. With `afterHandling` the request took effect and only its answer is lost. */
  | { readonly action: 'drop'; readonly afterHandling: boolean };

/** Sees a request before its handler does. */
export type Interceptor = (
  request: unknown,
  context: RequestContext,
) => Interception | undefined | Promise<Interception | undefined>;

/** Which of the requests that follow are meant: from the `nth` on (1 is the next), `times` of them. Defaults: 1 and 1. */
export interface Occurrence {
  readonly nth?: number;
  readonly times?: number;
}

/** Hooks for tests to break the broker in a controlled way. Each answers a function that takes the hook out again. */
export class BrokerControl {
  readonly #interceptors = new Map<number, Set<Interceptor>>();
  readonly #requests = new Map<number, number>();
  readonly #canFail: (apiKey: number) => boolean;

  /** `canFail` says whether an API has an error response. */
  constructor(canFail: (apiKey: number) => boolean) {
    this.#canFail = canFail;
  }

  /** Shows every request of an API to a function that may break it. */
  intercept(apiKey: number, interceptor: Interceptor): () => void {
    const present = this.#interceptors.get(apiKey) ?? new Set();
    this.#interceptors.set(apiKey, present);
    present.add(interceptor);
    return () => present.delete(interceptor);
  }

  /** Answers an error instead of handling. */
  fail(apiKey: number, options: Occurrence & { readonly errorCode: number }): () => void {
    if (!this.#canFail(apiKey)) {
      throw new Error(
        `${findApi(apiKey)?.name ?? `API ${apiKey}`} has no response that could carry ${errorName(options.errorCode)}`,
      );
    }
    return this.#occasionally(apiKey, options, { action: 'fail', errorCode: options.errorCode });
  }

  /** Handles requests late. */
  delay(apiKey: number, options: Occurrence & { readonly delayMs: number }): () => void {
    return this.#occasionally(apiKey, options, { action: 'delay', delayMs: options.delayMs });
  }

  /** Closes the connection instead of answering; with `afterHandling` only after the request took effect. */
  drop(apiKey: number, options: Occurrence & { readonly afterHandling?: boolean } = {}): () => void {
    return this.#occasionally(apiKey, options, { action: 'drop', afterHandling: options.afterHandling ?? false });
  }

  /** Requests of an API since the start. */
  requestCount(apiKey: number): number {
    return this.#requests.get(apiKey) ?? 0;
  }

  /** Counts a request; answers the interceptors that want to see it, or null. Called by the dispatcher. */
  seen(apiKey: number): ReadonlySet<Interceptor> | null {
    this.#requests.set(apiKey, this.requestCount(apiKey) + 1);
    const interceptors = this.#interceptors.get(apiKey);
    return interceptors === undefined || interceptors.size === 0 ? null : interceptors;
  }

  #occasionally(apiKey: number, { nth = 1, times = 1 }: Occurrence, interception: Interception): () => void {
    let seen = 0;
    const remove = this.intercept(apiKey, () => {
      seen++;
      if (seen < nth) return undefined;
      if (seen >= nth + times - 1) remove();
      return interception;
    });
    return remove;
  }
}
