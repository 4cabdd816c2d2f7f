import type { Serde } from '../serde/serde.ts';
import type { ProcessorSupplier } from '../processor/processor.ts';
import type { StateStore } from '../state/state-store.ts';
import type { StoreBuilder } from '../state/store-builder.ts';
import type { OffsetReset } from '../topology/offset-reset.ts';
import type { Topic } from '../topology/topic.ts';
import type { TimestampExtractor } from '../processor/timestamp-extractor.ts';

/** Names an operator: the name of its topology node, and of what is derived from it. */
export interface NamedOptions {
  /** Default: generated from the kind of operator and the number of the call. */
  readonly name?: string | undefined;
}

/** How a topic is read. The serdes are not needed with a `Topic`, which has its own. */
export interface ConsumedOptions<K, V> extends NamedOptions {
  readonly key?: Serde<NonNullable<K>> | undefined;
  readonly value?: Serde<NonNullable<V>> | undefined;
  /** Default: the record's own timestamp. */
  readonly timestampExtractor?: TimestampExtractor<K, V> | undefined;
  /** Where to begin without a committed offset. Default: as the application says (`offsetReset`). Global tables begin at the first record whatever is said here. */
  readonly offsetReset?: OffsetReset | undefined;
}

/** How a store is kept. */
export interface StoredOptions<K, V> {
  /** Makes the store queryable under this name. */
  readonly storeName?: string | undefined;
  readonly key?: Serde<NonNullable<K>> | undefined;
  readonly value?: Serde<NonNullable<V>> | undefined;
  /** Keep a changelog topic, from which the store comes back. Default true. */
  readonly logging?: boolean | undefined;
  /** Let the application's cache keep changes between commits, where it has one: the last one of each key goes to the changelog and downstream. Default true; never where windows are sent when they close. */
  readonly caching?: boolean | undefined;
  /** Settings of the changelog topic on top of the kind's own. */
  readonly logConfig?: Readonly<Record<string, string>> | undefined;
}

/** How a table is kept. Giving any of these asks for a store of its own where the operator could do without. */
export interface MaterializedOptions<K, V> extends StoredOptions<K, V>, VersionedOptions {}

/** Of windowed aggregations. */
export interface WindowedMaterializedOptions<K, V> extends StoredOptions<K, V> {
  /** How long windows are kept, by stream time. Default and least: size plus grace. */
  readonly retentionMs?: number | undefined;
}

/** An aggregator may change the aggregate it is given in place and give it back. Not allowed where somebody downstream needs the value before. */
export interface MutatingOptions {
  /** Default false: the test driver then freezes stored values, so that a mistake fails a test. */
  readonly mutates?: boolean | undefined;
}

/** How records are grouped: serdes of the repartition topic and of the stores downstream. */
export interface GroupedOptions<K, V> extends NamedOptions {
  readonly key?: Serde<NonNullable<K>> | undefined;
  readonly value?: Serde<NonNullable<V>> | undefined;
}

/** How a repartition topic is made. */
export interface RepartitionedOptions<K, V> extends GroupedOptions<K, V> {
  readonly partitions?: number | undefined;
}

/** How a topic is written. The serdes are not needed with a `Topic`, nor where the stream still has those it was read with. */
export interface ProducedOptions<K, V> extends NamedOptions {
  readonly key?: Serde<NonNullable<K>> | undefined;
  readonly value?: Serde<NonNullable<V>> | undefined;
  /** The part of the key that decides the partition. Default: all of it. */
  readonly partitionKey?: ((key: NonNullable<K>) => string) | undefined;
}

/** How a join with a table repartitions its stream, where it has to. */
export interface JoinedOptions<K, V> extends NamedOptions {
  readonly key?: Serde<NonNullable<K>> | undefined;
  readonly value?: Serde<NonNullable<V>> | undefined;
}

/** How records are printed. */
export interface PrintOptions extends NamedOptions {
  /** Stands in front of each line. Default: the name of the node whose records are printed. */
  readonly label?: string | undefined;
  /** Takes the lines. Default: standard output. */
  readonly write?: ((line: string) => void) | undefined;
}

/** What connects a processor. */
export interface ProcessOptions extends NamedOptions {
  /** Stores added to the builder, by name, and builders of stores, which are added with the processor (`ConnectedStoreProvider`). */
  readonly stores?: readonly (string | StoreBuilder)[] | undefined;
}

/** What fills a global store. */
export interface GlobalStoreOptions<K, V, S extends StateStore> extends ConsumedOptions<K, V> {
  readonly builder: StoreBuilder<S>;
  readonly topic: string | Topic<NonNullable<K>, NonNullable<V>>;
  /** Its context has the stores, and no task: it cannot forward or schedule. */
  readonly supplier: ProcessorSupplier<K, V, never, never>;
}

/** A key and a value, as `map` and `flatMap` give them. */
export interface KeyValue<K, V> {
  readonly key: K;
  readonly value: V;
}

/** True keeps the record. As all callbacks it takes the value first, then the key. */
export type Predicate<K, V> = (value: V, key: K) => boolean;
/** A predicate that rejects null; the compiler finds that out by itself for tests such as `value !== null`. It tells no other types apart, because serdes of the wider type would not fit any more. */
export type ValuePredicate<K, V> = (value: V, key: K) => value is NonNullable<V>;
/** Gives the new value; the key stays, so nothing is repartitioned. */
export type ValueMapper<K, V, VR> = (value: V, key: K) => VR;
/** Gives the new key. */
export type KeySelector<K, V, KR> = (value: V, key: K) => KR;
/** Gives a new key and value. */
export type KeyValueMapper<K, V, KR, VR> = (value: V, key: K) => KeyValue<KR, VR>;
/** Gives any number of records for one. */
export type FlatMapper<K, V, KR, VR> = (value: V, key: K) => Iterable<KeyValue<KR, VR>>;
/** Gives any number of values for one, all under its key. */
export type FlatValueMapper<K, V, VR> = (value: V, key: K) => Iterable<VR>;
/** Looks at a record. */
export type ForeachAction<K, V> = (value: V, key: K) => void;
/** Gives a key's first aggregate. */
export type Initializer<A> = () => A;
/** Gives the next aggregate: a new value, or with `mutates` the same one changed. Null deletes it. */
export type Aggregator<K, V, A> = (aggregate: A, value: V, key: K) => A | null;
/** Combines two values of one key. */
export type Reducer<V> = (aggregate: V, value: V) => V | null;
/** Combines two sessions of a key that a record joins: the one merged so far, first the initial value, and the next. */
export type Merger<K, A> = (aggregate: A, session: A, key: K) => A | null;
/** Combines a record of the stream with the other side's value. */
export type ValueJoiner<K, L, R, VR> = (left: L, right: R, key: K) => VR;

/** How a join of two streams keeps their records, and repartitions the streams where it has to. */
export interface StreamJoinedOptions<K, L, R> extends NamedOptions {
  readonly key?: Serde<NonNullable<K>> | undefined;
  /** Of the stream that is joined. */
  readonly value?: Serde<NonNullable<L>> | undefined;
  /** Of the stream that it is joined with. */
  readonly otherValue?: Serde<NonNullable<R>> | undefined;
  /** Base of the stores' names. Default: generated. */
  readonly storeName?: string | undefined;
  /** Keep changelog topics, from which the stores come back. Default true. */
  readonly logging?: boolean | undefined;
  /** Settings of the changelog topics on top of the kind's own. */
  readonly logConfig?: Readonly<Record<string, string>> | undefined;
}

/** Of tables that may remember their past. */
export interface VersionedOptions {
  /** Keep a history this long, under a `storeName`, by the greatest timestamp of the table: joins then see the table as it was at a record's time. */
  readonly historyMs?: number | undefined;
}

/** How a join with a versioned table waits for the table. */
export interface GraceOptions {
  /** Records of the stream wait until the stream's time is this much later, and are then joined in the order of their timestamps. At most the table's `historyMs`. */
  readonly graceMs?: number | undefined;
}

/** Serdes of the tables of a foreign-key join, where the tables do not have them (after `mapValues`, for instance): its messages carry values of both. */
export interface ForeignKeyOptions<V, VO, KO = unknown> {
  readonly leftValue?: Serde<NonNullable<V>> | undefined;
  readonly otherValue?: Serde<NonNullable<VO>> | undefined;
  /** The part of the other table's key that decides its partition there (`TableJoined`'s partitioner). Default: all of it. How the table itself is partitioned plays no part: answers go back to where the row is. */
  readonly otherPartitionKey?: ((key: NonNullable<KO>) => string) | undefined;
}
