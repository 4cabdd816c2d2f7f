/**
 * Brings a question to the present owner of a partition: here, or over HTTP; and again while owners change or restore,
 * until its time is over.
 */
import { PendingCodecError } from '../../serde/serde.ts';
import type { QueryClient } from './query-client.ts';
import { isRetriableFailure, QueryError } from './query-error.ts';
import { checkPlace } from './check-place.ts';
import { placeName } from './query-place.ts';
import type { QueryOptions } from './query-types.ts';
import type { QuestionTerms, StoreAnswer } from './query-wire.ts';
import type { StoreQuestion } from './store-question.ts';
import { decodeAnswer, encodeQuestion, type QueryableStore, type StorePlace } from './queryable-store.ts';

/** Where a task is, as the router sees the group. */
export type TaskLocation =
  | { readonly kind: 'local' }
  | { readonly kind: 'remote'; readonly applicationServer: string | undefined }
  | { readonly kind: 'nowhere' };

/** What the router asks of the rest of the runtime. */
export interface RouterEnvironment {
  locate(store: StorePlace, partition: number): TaskLocation;
  /** Who else has the state, or a part of it: the nearest first. */
  locateStale(store: StorePlace, partition: number): readonly TaskLocation[];
  askLocally<K, V>(
    store: QueryableStore<K, V>,
    partition: number,
    question: StoreQuestion<K>,
    terms: QuestionTerms,
  ): Promise<StoreAnswer<K, V>>;
  /** Resolves at the next change of owners or task states. */
  nextChange(): Promise<void>;
  readonly client: QueryClient;
  readonly queryTimeoutMs: number;
  readonly queryTryTimeoutMs: number;
}

/** Shortest and longest pause before another owner's failure is followed by a new try; a change of owners ends it early. */
const RETRY_PAUSE_MS = [10, 100] as const;

/** Asks the owner of a partition, wherever it is, and again when the owner changes. */
export class QueryRouter {
  readonly #environment: RouterEnvironment;

  constructor(environment: RouterEnvironment) {
    this.#environment = environment;
  }

  /** Rejects with a `QueryError`; one that ran out of time says so and has the last try's failure as its cause. */
  async ask<K, V>(
    store: QueryableStore<K, V>,
    partition: number,
    question: StoreQuestion<K>,
    options: QueryOptions,
  ): Promise<StoreAnswer<K, V>> {
    checkPlace(store, partition, options.bound);
    const staleWithin = staleWithinOf(store, options);
    const timeoutMs = options.timeoutMs ?? this.#environment.queryTimeoutMs;
    const deadline = performance.now() + timeoutMs;
    // The last try has little time left: that its owner was not heard says less than what one said before.
    let told: QueryError | undefined;
    for (let tries = 1; ; tries++) {
      const change = this.#environment.nextChange();
      const leftMs = Math.max(1, Math.ceil(deadline - performance.now()));
      const terms = { bound: options.bound, acknowledged: options.acknowledged ?? false, timeoutMs: leftMs };
      try {
        const location = this.#environment.locate(store, partition);
        return await this.#tryOnce(store, partition, location, question, terms);
      } catch (error) {
        if (!(error instanceof QueryError) || !isRetriableFailure(error.reason)) throw error;
        if (staleWithin !== undefined) {
          const stale = await this.#tryStale(store, partition, question, { ...terms, staleWithin });
          if (stale !== undefined) return stale;
        }
        if (!isUnheard(error)) told = error;
        const pauseMs = Math.min(RETRY_PAUSE_MS[0] * 2 ** (tries - 1), RETRY_PAUSE_MS[1]);
        if (performance.now() + pauseMs >= deadline) throw outOfTime(store, partition, timeoutMs, told ?? error);
        await changeOrPause(change, pauseMs);
      }
    }
  }

  /** Undefined: nobody has an answer that is good enough. */
  async #tryStale<K, V>(
    store: QueryableStore<K, V>,
    partition: number,
    question: StoreQuestion<K>,
    terms: QuestionTerms,
  ): Promise<StoreAnswer<K, V> | undefined> {
    for (const location of this.#environment.locateStale(store, partition)) {
      try {
        return await this.#tryOnce(store, partition, location, question, terms);
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
      }
    }
    return undefined;
  }

  async #tryOnce<K, V>(
    store: QueryableStore<K, V>,
    partition: number,
    location: TaskLocation,
    question: StoreQuestion<K>,
    terms: QuestionTerms,
  ): Promise<StoreAnswer<K, V>> {
    const environment = this.#environment;
    const place = { store: store.name, partition };
    if (location.kind === 'local') return environment.askLocally(store, partition, question, terms);
    if (location.kind === 'nowhere') {
      throw new QueryError('NOT_AVAILABLE', `no instance owns ${placeName(store, partition)}`, place);
    }
    const owner = location.applicationServer;
    if (owner === undefined) {
      const message = `${placeName(store, partition)} is owned by an instance without an applicationServer`;
      throw new QueryError('REFUSED', message, place);
    }
    const timeoutMs = Math.min(terms.timeoutMs, environment.queryTryTimeoutMs);
    const answer = await environment.client.ask(owner, {
      ...place,
      question: encodeQuestion(store.key, question),
      terms: { ...terms, timeoutMs },
    });
    return decodeWhenReady(store, answer);
  }
}

/** Another instance may have written values with a schema that this one has not met. */
async function decodeWhenReady<K, V>(
  store: QueryableStore<K, V>,
  answer: StoreAnswer<string, string>,
): Promise<StoreAnswer<K, V>> {
  for (;;) {
    try {
      return decodeAnswer(store, answer);
    } catch (error) {
      if (!(error instanceof PendingCodecError)) throw error;
      await error.ready;
    }
  }
}

/** As it travels: JSON has no Infinity. Throws `QueryError` BAD_QUERY. */
function staleWithinOf({ name }: StorePlace, { staleWithin, bound }: QueryOptions): number | undefined {
  if (staleWithin === undefined) return undefined;
  if (!(staleWithin >= 0)) {
    throw new QueryError('BAD_QUERY', `staleWithin is ${staleWithin}; allowed: 0 or more`, { store: name });
  }
  if (bound !== undefined) {
    throw new QueryError('BAD_QUERY', 'a bound and staleWithin are asked for; allowed: one of them', { store: name });
  }
  return Math.floor(Math.min(staleWithin, Number.MAX_SAFE_INTEGER));
}

/** An owner that may be there, but did not answer in the time it had. */
function isUnheard({ reason, cause }: QueryError): boolean {
  return reason === 'UNREACHABLE' && (cause as { name?: unknown } | undefined)?.name === 'TimeoutError';
}

function outOfTime<K, V>(
  store: QueryableStore<K, V>,
  partition: number,
  timeoutMs: number,
  last: QueryError,
): QueryError {
  const message = `no answer within ${timeoutMs} ms; the last try said: ${last.message}`;
  const reason = last.reason === 'NOT_OWNER' ? 'NOT_AVAILABLE' : last.reason;
  const { owner, retryAfterMs } = last;
  return new QueryError(reason, message, { store: store.name, partition, owner, retryAfterMs, cause: last });
}

async function changeOrPause(change: Promise<void>, pauseMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const pause = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, pauseMs);
  });
  await Promise.race([change, pause]);
  clearTimeout(timer);
}
