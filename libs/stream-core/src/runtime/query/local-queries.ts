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
  /** Undefined while it is being restored. */
  readonly store: StateStore | undefined;
  readonly progress: TaskProgress;
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
    const local = this.#local(store, partition);
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

  #local(store: StorePlace, partition: number): LocalStore & { readonly store: StateStore } {
    const place = { store: store.name, partition };
    const local = this.#environment.find(store, partition);
    if (local === undefined) {
      throw new QueryError('NOT_OWNER', `this instance does not own ${placeName(store, partition)}`, place);
    }
    if (local.store === undefined) {
      throw new QueryError('NOT_AVAILABLE', `${placeName(store, partition)} is being restored`, place);
    }
    return local as LocalStore & { readonly store: StateStore };
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
