import type { Codec } from '../../serde/serde.ts';
import { partitionForKey } from '../../processor/partitioner.ts';
import { QueryError } from './query-error.ts';
import type { QueryableStore } from './queryable-store.ts';
import type {
  QueryEntry,
  QueryOptions,
  QueryResult,
  RangeOptions,
  RangeResult,
  WindowEntry,
  WindowResult,
} from './query-types.ts';
import { DEFAULT_ENTRIES, MAX_ENTRIES, type AnswerEntry, type StoreAnswer, type StoreQuestion } from './query-wire.ts';

/** Asks one partition of a store, wherever it is. */
export type AskPartition = <K, V>(
  store: QueryableStore<K, V>,
  partition: number,
  question: StoreQuestion<K>,
  options: QueryOptions,
) => Promise<StoreAnswer<K, V>>;

/**
 * Asks a store of the application: each question goes to the instance that owns the key's partition, by HTTP when that
 * is another one, and again to the next owner when a rebalance comes between. Every method rejects with `QueryError`.
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
    const store = this.#require('key-value', 'get');
    const answer = await this.#ask(store, this.partitionOf(key, options), { kind: 'get', key }, options);
    const entry = answer.entries[0];
    return { value: entry?.value, timestamp: entry?.timestamp, position: answer.position };
  }

  /** Entries of a key-value store from `from` to `to`, both inclusive, by serialised key; undefined is open. */
  async range(from: K | undefined, to: K | undefined, options: RangeOptions = {}): Promise<RangeResult<K, V>> {
    const store = this.#require('key-value', 'range');
    const limit = limitOf(store, options);
    const partitions =
      options.partition === undefined ? Array.from({ length: store.partitions }, (_, p) => p) : [options.partition];
    const answers = await Promise.all(
      partitions.map((partition) => this.#ask(store, partition, { kind: 'range', from, to, limit }, options)),
    );
    const entries = mergeByKey(store.key, answers);
    return {
      entries: entries.slice(0, limit),
      truncated: entries.length > limit || answers.some((answer) => answer.truncated),
      position: answers.flatMap((answer) => answer.position),
    };
  }

  /** Entries of a key-value store by serialised key. */
  all(options: RangeOptions = {}): Promise<RangeResult<K, V>> {
    return this.range(undefined, undefined, options);
  }

  /** The windows of a key whose start lies between `fromMs` and `toMs`, both inclusive. */
  async fetch(key: K, fromMs: number, toMs: number, options: RangeOptions = {}): Promise<WindowResult<V>> {
    const store = this.#require('window', 'fetch');
    const partition = options.partition ?? this.partitionOf(key, options);
    const question = { kind: 'fetch', key, fromMs, toMs, limit: limitOf(store, options) } as const;
    const answer = await this.#ask(store, partition, question, options);
    return {
      windows: answer.entries.map(({ windowStartMs, value, timestamp }): WindowEntry<V> => ({
        windowStartMs: windowStartMs ?? 0,
        value,
        timestamp,
      })),
      truncated: answer.truncated,
      position: answer.position,
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

  #require(kind: QueryableStore<K, V>['kind'], method: string): QueryableStore<K, V> {
    const store = this.#find();
    if (store.kind === kind) return store;
    const message = `${method}() needs a ${kind} store; "${store.name}" is a ${store.kind} store`;
    throw new QueryError('BAD_QUERY', message, { store: store.name });
  }
}

function limitOf({ name }: { readonly name: string }, { limit = DEFAULT_ENTRIES }: RangeOptions): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_ENTRIES) return limit;
  throw new QueryError('BAD_QUERY', `limit is ${limit}; allowed: 1 to ${MAX_ENTRIES}`, { store: name });
}

function mergeByKey<K, V>(key: Codec<K>, answers: readonly StoreAnswer<K, V>[]): QueryEntry<K, V>[] {
  if (answers.length === 1) return (answers[0] as StoreAnswer<K, V>).entries.map(toEntry);
  return answers
    .flatMap((answer) => answer.entries.map((entry) => ({ bytes: key.serialize(entry.key).slice(), entry })))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ entry }) => toEntry(entry));
}

const toEntry = <K, V>({ key, value, timestamp }: AnswerEntry<K, V>): QueryEntry<K, V> => ({ key, value, timestamp });
