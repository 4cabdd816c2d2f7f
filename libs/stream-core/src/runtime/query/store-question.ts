/** What can be asked of a store, and of which kind of store. */
import type { StoreKind } from '../../state/state-store.ts';
import { QueryError } from './query-error.ts';

/**
 * What is asked of one partition of a store, with typed keys. `range` is in the order of serialised keys; bounds of `fetch` and `fetchAll` are window starts, both inclusive; `findSessions` finds those
 * that end at `earliestEndMs` or later and start at `latestStartMs` or earlier.
 */
export type StoreQuestion<K> =
  | { readonly kind: 'get'; readonly key: K }
  | { readonly kind: 'getAsOf'; readonly key: K; readonly asOfMs: number }
  | { readonly kind: 'range'; readonly from: K | undefined; readonly to: K | undefined; readonly limit: number }
  | { readonly kind: 'count' }
  | { readonly kind: 'fetch'; readonly key: K; readonly fromMs: number; readonly toMs: number; readonly limit: number }
  | { readonly kind: 'fetchAll'; readonly fromMs: number; readonly toMs: number; readonly limit: number }
  | {
      readonly kind: 'findSessions';
      readonly key: K;
      readonly earliestEndMs: number;
      readonly latestStartMs: number;
      readonly limit: number;
    };

/** The kinds of questions, named as the methods that ask them. */
export type QuestionKind = StoreQuestion<unknown>['kind'];

/** Greatest number of entries in an answer. */
export const MAX_ENTRIES = 100_000;
/** Number of entries in an answer, where none is asked for. */
export const DEFAULT_ENTRIES = 1_000;

/** A store as far as it matters what it can be asked; a key-value store with a history is a versioned one. */
export interface AskedStore {
  readonly name: string;
  readonly kind: StoreKind;
  readonly historyMs?: number | undefined;
}

const STORE_KINDS: Readonly<Record<QuestionKind, readonly (StoreKind | 'versioned')[]>> = {
  get: ['key-value', 'versioned'],
  getAsOf: ['versioned'],
  range: ['key-value', 'versioned'],
  count: ['key-value', 'versioned', 'window', 'session'],
  fetch: ['window'],
  fetchAll: ['window'],
  findSessions: ['session'],
};

const QUESTION_KINDS = Object.keys(STORE_KINDS) as QuestionKind[];

/** Throws `QueryError` BAD_QUERY for a question that stores of this kind do not answer, naming those that they do. */
export function requireKind({ name, kind: storeKind, historyMs }: AskedStore, question: QuestionKind): void {
  const kind = historyMs === undefined ? storeKind : 'versioned';
  const kinds = STORE_KINDS[question];
  if (kinds.includes(kind)) return;
  const allowed = QUESTION_KINDS.filter((each) => STORE_KINDS[each].includes(kind)).join(', ');
  const message = `${question} needs a ${kinds.join(' or ')} store; "${name}" is a ${kind} store, which can be asked: ${allowed}`;
  throw new QueryError('BAD_QUERY', message, { store: name });
}

/** The same question with keys in another form. Throws what `convert` throws. */
export function withKeys<A, B>(question: StoreQuestion<A>, convert: (key: A) => B): StoreQuestion<B> {
  switch (question.kind) {
    case 'get':
    case 'getAsOf':
    case 'fetch':
    case 'findSessions':
      return { ...question, key: convert(question.key) };
    case 'range': {
      const { from, to } = question;
      return {
        ...question,
        from: from === undefined ? undefined : convert(from),
        to: to === undefined ? undefined : convert(to),
      };
    }
    case 'count':
    case 'fetchAll':
      return question;
  }
}
