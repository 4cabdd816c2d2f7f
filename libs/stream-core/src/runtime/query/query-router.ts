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
    const timeoutMs = options.timeoutMs ?? this.#environment.queryTimeoutMs;
    const deadline = performance.now() + timeoutMs;
    // The last try has little time left: that its owner was not heard says less than what one said before.
    let told: QueryError | undefined;
    for (let tries = 1; ; tries++) {
      const change = this.#environment.nextChange();
      const leftMs = Math.max(1, Math.ceil(deadline - performance.now()));
      try {
        return await this.#tryOnce(store, partition, question, {
          bound: options.bound,
          acknowledged: options.acknowledged ?? false,
          timeoutMs: leftMs,
        });
      } catch (error) {
        if (!(error instanceof QueryError) || !isRetriableFailure(error.reason)) throw error;
        if (!isUnheard(error)) told = error;
        const pauseMs = Math.min(RETRY_PAUSE_MS[0] * 2 ** (tries - 1), RETRY_PAUSE_MS[1]);
        if (performance.now() + pauseMs >= deadline) throw outOfTime(store, partition, timeoutMs, told ?? error);
        await changeOrPause(change, pauseMs);
      }
    }
  }

  async #tryOnce<K, V>(
    store: QueryableStore<K, V>,
    partition: number,
    question: StoreQuestion<K>,
    terms: QuestionTerms,
  ): Promise<StoreAnswer<K, V>> {
    const environment = this.#environment;
    const place = { store: store.name, partition };
    const location = environment.locate(store, partition);
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
  return new QueryError(reason, message, { store: store.name, partition, owner: last.owner, cause: last });
}

async function changeOrPause(change: Promise<void>, pauseMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const pause = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, pauseMs);
  });
  await Promise.race([change, pause]);
  clearTimeout(timer);
}
