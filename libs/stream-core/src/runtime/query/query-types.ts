/** What a question to a store looks like from outside. */

/** A record's place in the log; as part of a position: everything up to it has been processed. */
export interface LogPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** How far the answering task had read its inputs when it answered: the last processed offset of each, −1 before the first. */
export type Position = readonly LogPosition[];

/** How a question is asked. */
export interface QueryOptions {
  /** Answer only after this record of the store's own input has been processed (KIP-796's position bound). */
  readonly bound?: LogPosition | undefined;
  /** Answer only after Kafka has acknowledged everything the task had written when the answer was read. */
  readonly acknowledged?: boolean | undefined;
  /**
   * Where the owner has no answer (it restores, or is gone): take one of a standby, or of an owner that still restores,
   * that lacks at most so many changelog offsets; `Infinity`: any. The answer says so with its `staleLag`. Without it the
   * question waits for the owner. Not together with `bound`, which only an owner can hold.
   */
  readonly staleWithin?: number | undefined;
  /** For waiting, retries and the network together. Default: `queryTimeoutMs` of the application. */
  readonly timeoutMs?: number | undefined;
  /** What decides the partition, when it is not the whole key: hashed as UTF-8, as a topic's `partitionKey` is. */
  readonly partitionKey?: string | undefined;
}

/** How a question to many keys is asked. */
export interface RangeOptions extends QueryOptions {
  /** Greatest number of entries in the answer; default 1,000. */
  readonly limit?: number | undefined;
  /** Ask this partition only; default: all of them, each at its owner. */
  readonly partition?: number | undefined;
}

/** How far an answer is behind. */
export interface Staleness {
  /** Undefined: the owner's answer. Else it is not, and this many changelog offsets were missing in it; of several partitions the greatest. Its `position` is empty. */
  readonly staleLag?: number | undefined;
}

/** One value and how fresh it is. */
export interface QueryResult<V> extends Staleness {
  /** Undefined: the key has no value. */
  readonly value: V | undefined;
  /** The value's record timestamp, where the store keeps one. */
  readonly timestamp?: number | undefined;
  readonly position: Position;
}

/** An entry of a key-value store. */
export interface QueryEntry<K, V> {
  readonly key: K;
  readonly value: V;
  readonly timestamp?: number | undefined;
}

/** Entries in the order of their serialised keys, over all partitions asked. */
export interface RangeResult<K, V> extends Staleness {
  readonly entries: readonly QueryEntry<K, V>[];
  /** True when the limit cut the answer short. */
  readonly truncated: boolean;
  readonly position: Position;
}

/** A window's value. */
export interface WindowEntry<V> {
  readonly windowStartMs: number;
  readonly value: V;
  readonly timestamp?: number | undefined;
}

/** Windows of one key by ascending start. */
export interface WindowResult<V> extends Staleness {
  readonly windows: readonly WindowEntry<V>[];
  /** True when the limit cut the answer short. */
  readonly truncated: boolean;
  readonly position: Position;
}

/** A window's value and whose it is. */
export interface KeyedWindowEntry<K, V> extends WindowEntry<V> {
  readonly key: K;
}

/** Windows of all keys by ascending start, those of one start in the order of their serialised keys. */
export interface KeyedWindowResult<K, V> extends Staleness {
  readonly windows: readonly KeyedWindowEntry<K, V>[];
  /** True when the limit cut the answer short. */
  readonly truncated: boolean;
  readonly position: Position;
}

/** Which sessions are asked for, and how. */
export interface SessionOptions extends RangeOptions {
  /** Only sessions that end at this time or later. Default 0. */
  readonly earliestEndMs?: number | undefined;
  /** Only sessions that start at this time or earlier. Default: no limit. */
  readonly latestStartMs?: number | undefined;
}

/** A session's value: from its first record to its last one, both included. */
export interface SessionEntry<V> {
  readonly startMs: number;
  readonly endMs: number;
  readonly value: V;
}

/** Sessions of one key by end, then start. */
export interface SessionResult<V> extends Staleness {
  readonly sessions: readonly SessionEntry<V>[];
  /** True when the limit cut the answer short. */
  readonly truncated: boolean;
  readonly position: Position;
}

/** How many entries a store has: keys, or keys and windows, or keys and sessions. */
export interface CountResult extends Staleness {
  /** Exact for stores in memory without a cache. */
  readonly count: number;
  readonly position: Position;
}

/** An instance of the application and its tasks, as of the last assignment. */
export interface StreamsMetadata {
  readonly processId: string;
  /** Undefined: the instance advertises no address. */
  readonly applicationServer: string | undefined;
  /** `<sub-topology>_<partition>` each. */
  readonly tasks: readonly string[];
  /** Stores of which it owns at least one partition. */
  readonly stores: readonly string[];
  /** Tasks whose state it keeps up for others. */
  readonly standbyTasks: readonly string[];
  /** Stores of which it keeps up at least one partition for others. */
  readonly standbyStores: readonly string[];
  readonly isLocal: boolean;
}

/** Who answers for a key. */
export interface KeyQueryMetadata {
  readonly partition: number;
  readonly task: string;
  /** Undefined while no instance owns the task. */
  readonly owner: StreamsMetadata | undefined;
  /** Who could answer with `staleWithin`. */
  readonly standbys: readonly StreamsMetadata[];
}
