import type { Serde } from '../serde/serde.ts';
import type { NamedOptions } from './options.ts';

/** The buffer of changes that are kept back. */
export interface SuppressBufferOptions<K, V> extends NamedOptions {
  /** Greatest number of keys that wait. Default: no limit. */
  readonly maxRecords?: number | undefined;
  /** Greatest size of what waits, in bytes as it is written to the changelog. Default: no limit. */
  readonly maxBytes?: number | undefined;
  readonly key?: Serde<NonNullable<K>> | undefined;
  readonly value?: Serde<NonNullable<V>> | undefined;
  /** Keep a changelog topic, from which the buffer comes back. Default true. */
  readonly logging?: boolean | undefined;
  /** Settings of the changelog topic on top of the kind's own. */
  readonly logConfig?: Readonly<Record<string, string>> | undefined;
}

/** Sends a key at most once in `limitMs` of stream time, with its last change. */
export interface SuppressUntilTimeLimit<K, V> extends SuppressBufferOptions<K, V> {
  readonly until: 'TIME_LIMIT';
  readonly limitMs: number;
  /** EMIT (default): a full buffer sends its first changes early. SHUT_DOWN: it stops the task. */
  readonly whenFull?: 'EMIT' | 'SHUT_DOWN' | undefined;
}

/** Sends a window once, when it can change no more: its end and its grace are over by stream time. A full buffer stops the task. */
export interface SuppressUntilWindowCloses<K, V> extends SuppressBufferOptions<K, V> {
  readonly until: 'WINDOW_CLOSES';
}

/** What `suppress` takes. */
export type SuppressOptions<K, V> = SuppressUntilTimeLimit<K, V> | SuppressUntilWindowCloses<K, V>;
