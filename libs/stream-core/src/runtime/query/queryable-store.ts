import type { Codec } from '../../serde/serde.ts';
import type { StoreKind } from '../../state/state-store.ts';
import type { AnswerEntry, StoreAnswer } from './query-wire.ts';
import { withKeys, type StoreQuestion } from './store-question.ts';

/** What is known about a store of the topology, on every instance, whether it owns a part of it or not. */
export interface QueryableStore<K, V> {
  readonly name: string;
  readonly kind: StoreKind;
  /** Of a versioned store. */
  readonly historyMs?: number | undefined;
  /** Undefined for a global table: every instance has all of it. */
  readonly subtopology: number | undefined;
  /** How many partitions the store has: one per task. 1 for a global table. */
  readonly partitions: number;
  /** Topics that its tasks read, and a bound may name. */
  readonly inputTopics: readonly string[];
  /** Its values may be changed in place while it is asked. */
  readonly mutates: boolean;
  readonly key: Codec<K>;
  readonly value: Codec<V>;
}

/** What says where a store is. */
export type StorePlace = Pick<QueryableStore<unknown, unknown>, 'name' | 'subtopology'>;

/** The question with serialised keys, base64. */
export function encodeQuestion<K>(key: Codec<K>, question: StoreQuestion<K>): StoreQuestion<string> {
  return withKeys(question, (value) => toBase64(key.serialize(value)));
}

/** Throws what the key's codec throws. */
export function decodeQuestion<K>(key: Codec<K>, question: StoreQuestion<string>): StoreQuestion<K> {
  return withKeys(question, (text) => key.deserialize(Buffer.from(text, 'base64')));
}

/** An answer with serialised keys and values, base64. */
export function encodeAnswer<K, V>(
  store: QueryableStore<K, V>,
  answer: StoreAnswer<K, V>,
): StoreAnswer<string, string> {
  return {
    ...answer,
    entries: answer.entries.map((entry) => ({
      ...entry,
      key: toBase64(store.key.serialize(entry.key)),
      value: toBase64(store.value.serialize(entry.value)),
    })),
  };
}

/** Throws what the codecs throw, `PendingCodecError` too. */
export function decodeAnswer<K, V>(
  store: QueryableStore<K, V>,
  answer: StoreAnswer<string, string>,
): StoreAnswer<K, V> {
  return {
    ...answer,
    entries: answer.entries.map((entry): AnswerEntry<K, V> => ({
      ...entry,
      key: store.key.deserialize(Buffer.from(entry.key, 'base64')),
      value: store.value.deserialize(Buffer.from(entry.value, 'base64')),
    })),
  };
}

const toBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
