import { partitionForKey } from '../../processor/partitioner.ts';
import { mergeByKey, mergeWindows } from './merge-answers.ts';
import { QueryError } from './query-error.ts';
import type { QueryableStore } from './queryable-store.ts';
import type {
  CountResult,
  KeyedWindowResult,
  QueryOptions,
  QueryResult,
  RangeOptions,
  RangeResult,
  SessionOptions,
  SessionResult,
  WindowResult,
} from './query-types.ts';
import type { StoreAnswer } from './query-wire.ts';
import { DEFAULT_ENTRIES, MAX_ENTRIES, requireKind, type QuestionKind, type StoreQuestion } from './store-question.ts';

/** Asks one partition of a store, wherever it is. */
export type AskPartition = <K, V>(
  store: QueryableStore<K, V>,
  partition: number,
  question: StoreQuestion<K>,
  options: QueryOptions,
) => Promise<StoreAnswer<K, V>>;

/**
 * Asks a store of the application: each question goes to the instance that owns the key's partition, by HTTP when that
 * is another one, and again to the next owner when a rebalance comes between. Every method rejects with `QueryError`;
 * BAD_QUERY for a question that the store's kind does not answer.
 */
export class StoreQuery<K, V> {
  readonly #find: () => QueryableStore<K, V>;
  readonly #ask: AskPartition;

  /** `find` throws `QueryError` while the application does not run. */
  constructor(find: () => QueryableStore<K, V>, ask: AskPartition) {
    this.#find = find;
    this.#ask = ask;
  }

  /** The value of a key in a key-value store. */
  async get(key: K, options: QueryOptions = {}): Promise<QueryResult<V>> {
    const store = this.#require('get');
    return onlyValue(await this.#ask(store, this.partitionOf(key, options), { kind: 'get', key }, options));
  }

  /** The value that a versioned store's key had at a time, and since when; undefined also where that is before the store's history. */
  async getAsOf(key: K, asOfMs: number, options: QueryOptions = {}): Promise<QueryResult<V>> {
    const store = this.#require('getAsOf');
    requireTimes(store, { asOfMs });
    const question = { kind: 'getAsOf', key, asOfMs } as const;
    return onlyValue(await this.#ask(store, this.partitionOf(key, options), question, options));
  }

  /** Entries of a key-value store from `from` to `to`, both inclusive, by serialised key; undefined is open. */
  async range(from: K | undefined, to: K | undefined, options: RangeOptions = {}): Promise<RangeResult<K, V>> {
    const store = this.#require('range');
    const limit = limitOf(store, options);
    const answers = await this.#askAll(store, { kind: 'range', from, to, limit }, options);
    const entries = mergeByKey(store.key, answers).map(({ key, value, timestamp }) => ({ key, value, timestamp }));
    return { entries: entries.slice(0, limit), ...summary(answers, entries.length > limit) };
  }

  /** Entries of a key-value store by serialised key. */
  all(options: RangeOptions = {}): Promise<RangeResult<K, V>> {
    return this.range(undefined, undefined, options);
  }

  /** How many entries a store of any kind has. */
  async count(options: Omit<RangeOptions, 'limit'> = {}): Promise<CountResult> {
    const answers = await this.#askAll(this.#require('count'), { kind: 'count' }, options);
    const { position, staleLag } = summary(answers, false);
    return { count: answers.reduce((sum, { count = 0 }) => sum + count, 0), position, staleLag };
  }

  /** The windows of a key whose start lies between `fromMs` and `toMs`, both inclusive. */
  async fetch(key: K, fromMs: number, toMs: number, options: RangeOptions = {}): Promise<WindowResult<V>> {
    const store = this.#require('fetch');
    requireTimes(store, { fromMs, toMs });
    const question = { kind: 'fetch', key, fromMs, toMs, limit: limitOf(store, options) } as const;
    const answer = await this.#ask(store, options.partition ?? this.partitionOf(key, options), question, options);
    return {
      windows: answer.entries.map(({ startMs = 0, value, timestamp }) => ({
        windowStartMs: startMs,
        value,
        timestamp,
      })),
      ...summary([answer], false),
    };
  }

  /** The windows of all keys whose start lies between `fromMs` and `toMs`, both inclusive. */
  async fetchAll(fromMs: number, toMs: number, options: RangeOptions = {}): Promise<KeyedWindowResult<K, V>> {
    const store = this.#require('fetchAll');
    requireTimes(store, { fromMs, toMs });
    const limit = limitOf(store, options);
    const answers = await this.#askAll(store, { kind: 'fetchAll', fromMs, toMs, limit }, options);
    const windows = mergeWindows(store.key, answers).map(({ key, startMs = 0, value, timestamp }) => ({
      key,
      windowStartMs: startMs,
      value,
      timestamp,
    }));
    return { windows: windows.slice(0, limit), ...summary(answers, windows.length > limit) };
  }

  /** The sessions of a key; without times all that the store has. */
  async findSessions(key: K, options: SessionOptions = {}): Promise<SessionResult<V>> {
    const store = this.#require('findSessions');
    const { earliestEndMs = 0, latestStartMs = Number.MAX_SAFE_INTEGER } = options;
    requireTimes(store, { earliestEndMs, latestStartMs });
    const limit = limitOf(store, options);
    const question = { kind: 'findSessions', key, earliestEndMs, latestStartMs, limit } as const;
    const answer = await this.#ask(store, options.partition ?? this.partitionOf(key, options), question, options);
    return {
      sessions: answer.entries.map(({ startMs = 0, endMs = 0, value }) => ({ startMs, endMs, value })),
      ...summary([answer], false),
    };
  }

  /** The partition of a key: murmur2 of `partitionKey`, or of the serialised key. Throws `QueryError` while the application does not run. */
  partitionOf(key: K, options: { readonly partitionKey?: string | undefined } = {}): number {
    const store = this.#find();
    if (store.partitions === 1) return 0;
    const bytes =
      options.partitionKey === undefined ? store.key.serialize(key) : Buffer.from(options.partitionKey, 'utf8');
    return partitionForKey(bytes, store.partitions);
  }

  #require(kind: QuestionKind): QueryableStore<K, V> {
    const store = this.#find();
    requireKind(store, kind);
    return store;
  }

  /** Asks the partition that the options name, or each one. */
  #askAll(
    store: QueryableStore<K, V>,
    question: StoreQuestion<K>,
    options: RangeOptions,
  ): Promise<readonly StoreAnswer<K, V>[]> {
    const { partition } = options;
    const partitions = partition === undefined ? Array.from({ length: store.partitions }, (_, p) => p) : [partition];
    return Promise.all(partitions.map((each) => this.#ask(store, each, question, options)));
  }
}

function onlyValue<K, V>({ entries: [entry], position, staleLag }: StoreAnswer<K, V>): QueryResult<V> {
  return { value: entry?.value, timestamp: entry?.timestamp, position, staleLag };
}

/** What the partitions' answers say together besides their entries. */
function summary(answers: readonly StoreAnswer<unknown, unknown>[], isCut: boolean) {
  return {
    truncated: isCut || answers.some(({ truncated }) => truncated),
    position: answers.flatMap(({ position }) => position),
    staleLag: answers.some(({ staleLag }) => staleLag !== undefined)
      ? Math.max(...answers.map(({ staleLag = 0 }) => staleLag))
      : undefined,
  };
}

function limitOf({ name }: { readonly name: string }, { limit = DEFAULT_ENTRIES }: RangeOptions): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_ENTRIES) return limit;
  throw new QueryError('BAD_QUERY', `limit is ${limit}; allowed: 1 to ${MAX_ENTRIES}`, { store: name });
}

/** Times travel as JSON numbers, which have no Infinity. */
function requireTimes({ name }: { readonly name: string }, times: Readonly<Record<string, number>>): void {
  for (const [what, time] of Object.entries(times)) {
    if (Number.isSafeInteger(time)) continue;
    throw new QueryError('BAD_QUERY', `${what} is ${time}; allowed: whole numbers of milliseconds`, { store: name });
  }
}
