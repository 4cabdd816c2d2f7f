import type { Codec } from '../../serde/serde.ts';
import { partitionOfKey } from '../../kafka/partitioner.ts';
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
  private readonly store: QueryableStore<K, V>;
  private readonly ask: AskPartition;

  constructor(store: QueryableStore<K, V>, ask: AskPartition) {
    this.store = store;
    this.ask = ask;
  }

  /** The value of a key in a key-value store. */
  async get(key: K, options: QueryOptions = {}): Promise<QueryResult<V>> {
    this.require('key-value', 'get');
    const answer = await this.ask(this.store, this.partitionOf(key, options), { kind: 'get', key }, options);
    const entry = answer.entries[0];
    return { value: entry?.value, timestamp: entry?.timestamp, position: answer.position };
  }

  /** Entries of a key-value store from `from` to `to`, both inclusive, by serialised key; undefined is open. */
  async range(from: K | undefined, to: K | undefined, options: RangeOptions = {}): Promise<RangeResult<K, V>> {
    this.require('key-value', 'range');
    const limit = this.limitOf(options);
    const partitions =
      options.partition === undefined
        ? Array.from({ length: this.store.partitions }, (_, p) => p)
        : [options.partition];
    const answers = await Promise.all(
      partitions.map((partition) => this.ask(this.store, partition, { kind: 'range', from, to, limit }, options)),
    );
    const entries = mergeByKey(this.store.key, answers);
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
    this.require('window', 'fetch');
    const partition = options.partition ?? this.partitionOf(key, options);
    const question = { kind: 'fetch', key, fromMs, toMs, limit: this.limitOf(options) } as const;
    const answer = await this.ask(this.store, partition, question, options);
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

  /** The partition of a key: murmur2 of `partitionKey`, or of the serialised key. */
  partitionOf(key: K, options: { readonly partitionKey?: string | undefined } = {}): number {
    if (this.store.partitions === 1) return 0;
    const bytes =
      options.partitionKey === undefined ? this.store.key.serialize(key) : Buffer.from(options.partitionKey, 'utf8');
    return partitionOfKey(bytes, this.store.partitions);
  }

  private require(kind: QueryableStore<K, V>['kind'], method: string): void {
    const { name } = this.store;
    if (this.store.kind === kind) return;
    throw new QueryError('BAD_QUERY', `${method}() needs a ${kind} store; "${name}" is a ${this.store.kind} store`, {
      store: name,
    });
  }

  private limitOf({ limit = DEFAULT_ENTRIES }: RangeOptions): number {
    if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_ENTRIES) return limit;
    throw new QueryError('BAD_QUERY', `limit is ${limit}; allowed: 1 to ${MAX_ENTRIES}`, { store: this.store.name });
  }
}

function mergeByKey<K, V>(key: Codec<K>, answers: readonly StoreAnswer<K, V>[]): QueryEntry<K, V>[] {
  if (answers.length === 1) return (answers[0] as StoreAnswer<K, V>).entries.map(toEntry);
  return answers
    .flatMap((answer) => answer.entries.map((entry) => ({ bytes: key.serialize(entry.key).slice(), entry })))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ entry }) => toEntry(entry));
}

const toEntry = <K, V>({ key, value, timestamp }: AnswerEntry<K, V>): QueryEntry<K, V> => ({ key, value, timestamp });
