import type { Codec, Serde } from '../serde/serde.ts';
import type { StateStore, StoreKind } from './state-store.ts';

/** Codecs of a store, opened for its changelog topic. */
export interface StoreCodecs {
  readonly key: Codec<unknown>;
  readonly value: Codec<unknown>;
}

/** The description of a store that a topology holds; every task makes its own store of it. */
export interface StoreBuilder<S extends StateStore = StateStore> {
  readonly name: string;
  readonly kind: StoreKind;
  readonly keySerde: Serde<unknown>;
  readonly valueSerde: Serde<unknown>;
  readonly loggingEnabled: boolean;
  /** Settings of the changelog topic, without `message.timestamp.type`. */
  readonly logConfig: Readonly<Record<string, string>>;
  /** Of window stores. */
  readonly windowSizeMs?: number | undefined;
  /** Of window and session stores, and of the stores of joins. */
  readonly retentionMs?: number | undefined;
  /** Of the stores of a stream-stream join: the records of one side, or those of both that have found no partner. */
  readonly joins?: 'records' | 'unmatched' | undefined;
  /** Of session stores: its sessions are looked for by their ends with every record, so a store on disk keeps them in that order too. */
  readonly isReadByEnd?: boolean | undefined;
  /** Of versioned stores. */
  readonly historyMs?: number | undefined;
  /** A value stored here may be changed in place by its aggregator, so the test driver does not freeze it. */
  readonly mutates?: boolean | undefined;
  /** Keep writes in a cache between commits, where the application has one. */
  readonly cachingEnabled?: boolean | undefined;
  build(codecs: StoreCodecs): S;
}
