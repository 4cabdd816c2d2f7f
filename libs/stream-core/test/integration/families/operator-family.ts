import type { Headers, Serde, Topology } from '@playhead/stream-core';

/** A record that a family is given. */
export interface InputRow {
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
  readonly headers?: Headers;
}

/** Text in and text out: keys and values of all inputs, and of outputs that say nothing else. */
export interface FamilyInput {
  readonly partitions: number;
  /** Written before the application starts, and what is written after it was closed in the middle and before it is started again. */
  readonly halves: readonly [readonly InputRow[], readonly InputRow[]];
  /** Of a global table: filled before anything else is processed. */
  readonly isGlobal?: boolean;
}

/** A topic that a family writes. */
export interface FamilyOutput {
  readonly partitions: number;
  readonly key: Serde<never>;
  readonly value: Serde<never>;
}

/**
 * How much of the order of an output is determined. `partition`: all of it, as one task writes each partition. `key`: that of each key, as it comes from one task. `table`: only what the records leave
 * as a table, the last one of each key that is no delete: several tasks write to a repartition topic and its records may arrive in any order, or a cache keeps some back. Their headers
 * are those of the record that came last, so they are left out. `values`: that without timestamps too.
 */
export type DeterminedOrder = 'partition' | 'key' | 'table' | 'values';

/** Full name of a topic of the family, by its name in `inputs` or `outputs`. */
export type TopicName = (name: string) => string;

/** A group of operators as an application: what it reads, what it does, what it writes and keeps. */
export interface OperatorFamily {
  readonly name: string;
  readonly inputs: Readonly<Record<string, FamilyInput>>;
  readonly outputs: Readonly<Record<string, FamilyOutput>>;
  readonly build: (topic: TopicName) => Topology;
  /** Stores whose contents are compared, asked through interactive queries. */
  readonly stores: readonly string[];
  /** Default `partition`. */
  readonly order?: DeterminedOrder;
  /** Of the application. The driver has none: it commits after each record, so that a cache would change nothing there. */
  readonly cacheMaxBytes?: number;
  /** The wall clock, which stands still otherwise, is moved on by this when all input has been processed, and each task's wall-clock punctuator runs. */
  readonly wallClockMs?: number;
}

/** Keys of all inputs. */
export function keysOf({ inputs }: OperatorFamily): string[] {
  return [...new Set(Object.values(inputs).flatMap(({ halves }) => halves.flat().flatMap(({ key }) => key ?? [])))];
}

/** What came of a family, as text: to be equal whoever ran it. */
export interface FamilyResult {
  /** Records of each output. */
  readonly outputs: Readonly<Record<string, readonly string[]>>;
  /** Entries of each store. */
  readonly stores: Readonly<Record<string, readonly string[]>>;
  /** Records left out, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** The application's own topics: partitions and settings. */
  readonly internalTopics: Readonly<Record<string, string>>;
  /** What each changelog brings back: the last record of each key, in hexadecimal digits. */
  readonly changelogs: Readonly<Record<string, readonly string[]>>;
}
