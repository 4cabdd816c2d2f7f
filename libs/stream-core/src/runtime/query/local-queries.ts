/**
 * Answers questions about the tasks of this instance. The order matters: wait for the bound, read the store, remember
 * how much had been produced by then, and only answer when Kafka has that much; so an acknowledged answer never shows a
 * state that a crash could take back.
 */
import type { StateStore } from '../../state/state-store.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import { QueryError } from './query-error.ts';
import type { QuestionTerms, StoreAnswer } from './query-wire.ts';
import type { StoreQuestion } from './store-question.ts';
import type { QueryableStore, StorePlace } from './queryable-store.ts';
import { placeName } from './query-place.ts';
import { readStore } from './read-store.ts';
import type { TaskProgress } from './task-progress.ts';

/** A part of a store that lives here. */
export interface LocalStore {
  /** Undefined while it is being restored, and of a standby. */
  readonly store: StateStore | undefined;
  readonly progress: TaskProgress;
  /** What there is without an owner's knowledge. */
  readonly stale?: StaleStore | undefined;
}

/** A part of a store that follows its changelog. */
export interface StaleStore {
  readonly store: StateStore;
  /** It is not an owner's: nobody waits for it to be restored. */
  readonly isStandby: boolean;
  /** Changelog offsets that it lacks; undefined while that is not known. */
  readonly lag: number | undefined;
  /** When it will be restored, at its rate so far. */
  readonly etaMs?: number | undefined;
}

/** What is asked of the rest of the runtime. */
export interface LocalQueriesEnvironment {
  /** Undefined: this instance does not own that partition. */
  find(store: StorePlace, partition: number): LocalStore | undefined;
  readonly acknowledgements: Acknowledgements;
}

/** Answers about the parts of stores that live in this instance. */
export class LocalQueries {
  readonly #environment: LocalQueriesEnvironment;

  constructor(environment: LocalQueriesEnvironment) {
    this.#environment = environment;
  }

  /** Rejects with `QueryError`. */
  async ask<K, V>(
    store: QueryableStore<K, V>,
    partition: number,
    question: StoreQuestion<K>,
    terms: QuestionTerms,
  ): Promise<StoreAnswer<K, V>> {
    const local = this.#local(store, partition, terms.staleWithin);
    if (local.staleLag !== undefined)
      return { ...answer(store, local, question), position: [], staleLag: local.staleLag };
    if (terms.bound === undefined && !terms.acknowledged) return answer(store, local, question);
    if (terms.bound !== undefined && !local.progress.hasReached(terms.bound)) {
      const { bound, timeoutMs } = terms;
      await withDeadline(
        timeoutMs,
        () => behind(store, partition, local, terms),
        (signal) => local.progress.reached(bound, signal),
      );
    }
    const reading = answer(store, local, question);
    if (terms.acknowledged) {
      const acknowledged = this.#environment.acknowledgements.upToNow().catch((cause: unknown) => {
        throw writesFailed(store, partition, cause);
      });
      await withDeadline(
        terms.timeoutMs,
        () => unacknowledged(store, partition, terms),
        () => acknowledged,
      );
    }
    return reading;
  }

  #local(
    store: StorePlace,
    partition: number,
    staleWithin: number | undefined,
  ): LocalStore & { readonly store: StateStore; readonly staleLag?: number } {
    const place = { store: store.name, partition };
    const local = this.#environment.find(store, partition);
    if (local === undefined) {
      throw new QueryError('NOT_OWNER', `this instance does not own ${placeName(store, partition)}`, place);
    }
    if (local.store !== undefined) return { ...local, store: local.store };
    const { stale } = local;
    if (stale?.lag !== undefined && staleWithin !== undefined && stale.lag <= staleWithin) {
      return { ...local, store: stale.store, staleLag: stale.lag };
    }
    const what = stale?.isStandby === true ? 'is a standby here' : 'is being restored';
    const lag =
      stale === undefined || staleWithin === undefined
        ? ''
        : `; it lacks ${stale.lag ?? 'an unknown number of'} offsets, allowed: ${staleWithin}`;
    const reason = stale?.isStandby === true && staleWithin === undefined ? 'NOT_OWNER' : 'NOT_AVAILABLE';
    throw new QueryError(reason, `${placeName(store, partition)} ${what}${lag}`, {
      ...place,
      retryAfterMs: stale?.etaMs,
    });
  }
}

/** Reads the store now. Where values are changed in place the answer has copies, or it would go on changing. */
function answer<K, V>(
  { mutates, value: codec }: QueryableStore<K, V>,
  local: LocalStore & { readonly store: StateStore },
  question: StoreQuestion<K>,
): StoreAnswer<K, V> {
  const { entries, ...rest } = readStore<K, V>(local.store, question);
  const copy = (value: V): V => codec.deserialize(codec.serialize(value));
  return {
    entries: mutates ? entries.map((entry) => ({ ...entry, value: copy(entry.value) })) : entries,
    ...rest,
    position: local.progress.position(),
  };
}

function behind(store: StorePlace, partition: number, local: LocalStore, terms: QuestionTerms): QueryError {
  const { topic, offset } = terms.bound ?? { topic: '', offset: -1 };
  const at = local.progress.position().find((input) => input.topic === topic)?.offset ?? -1;
  const message = `${placeName(store, partition)} had processed ${topic} up to offset ${at} after ${terms.timeoutMs} ms; the bound is ${offset}`;
  return new QueryError('TIMEOUT', message, { store: store.name, partition });
}

function unacknowledged(store: StorePlace, partition: number, { timeoutMs }: QuestionTerms): QueryError {
  const message = `Kafka has not acknowledged the writes of ${placeName(store, partition)} within ${timeoutMs} ms`;
  return new QueryError('TIMEOUT', message, { store: store.name, partition });
}

function writesFailed(store: StorePlace, partition: number, cause: unknown): QueryError {
  if (cause instanceof QueryError) return cause;
  const message = `the writes of ${placeName(store, partition)} failed: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new QueryError('NOT_RUNNING', message, { store: store.name, partition, cause });
}

/** Runs `wait`, but no longer than `timeoutMs`. */
async function withDeadline(
  timeoutMs: number,
  late: () => QueryError,
  wait: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = late();
      reject(error);
      controller.abort(error);
    }, timeoutMs);
  });
  try {
    await Promise.race([wait(controller.signal), expired]);
  } finally {
    clearTimeout(timer);
  }
}
