import { RecordCursor } from '@playhead/kafka-protocol';
import { NO_HEADERS } from '../processor/headers.ts';
import type { Header, Headers } from '../processor/headers.ts';
import { PendingCodecError } from '../serde/serde.ts';
import type { Codec } from '../serde/serde.ts';
import { SerdeError } from '../errors.ts';
import { AbortFilter } from './abort-filter.ts';
import { backoffMs, pause } from './retry.ts';
import type { TailReaderOptions } from './tail-types.ts';
import type { FetchedRecords } from './types.ts';

/** Takes fetched batches apart for a `TailReader`'s callbacks. */
export class TailDecoder<K, V> {
  /** Resolves when the codecs may be used. */
  readonly ready: Promise<unknown>;
  readonly #options: TailReaderOptions<K, V>;
  readonly #key: Codec<K>;
  readonly #value: Codec<V>;
  readonly #cursor = new RecordCursor();
  readonly #filter = new AbortFilter();
  #failedLoads = 0;
  /** Why the record that is waited for cannot be decoded after all. */
  #undecodable: Error | undefined;

  constructor(options: TailReaderOptions<K, V>) {
    this.#options = options;
    const { topic, schemas } = options;
    this.#key = topic.key.open({ topic: topic.name, part: 'key', schemas });
    this.#value = topic.value.open({ topic: topic.name, part: 'value', schemas });
    this.ready = Promise.all([this.#key.ready, this.#value.ready]);
    this.ready.catch(() => undefined);
  }

  /**
   * Hands the records from offset `from` on to the callbacks; `handed` is told the next offset after each. Returns what a
   * codec must load before it can read the next record; undefined when all are through. Throws what a callback throws,
   * `CorruptBatchError`, and a record's error under the policy 'fail'.
   */
  read(records: FetchedRecords, from: number, handed: (next: number) => void): Promise<void> | undefined {
    const cursor = this.#cursor.reset(records.records);
    this.#filter.reset(records);
    while (cursor.nextBatch()) {
      if (this.#filter.skips(cursor) || cursor.lastOffset < from) continue;
      while (cursor.next()) {
        if (cursor.offset < from) continue;
        const pending = this.#hand(records.partition);
        if (pending !== undefined) return pending;
        handed(cursor.offset + 1);
      }
    }
    return undefined;
  }

  /** Waits until a codec has loaded what it asked for. A schema that does not exist is the record's fault; a registry that is away is waited for. Never rejects. */
  async wait(pending: Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await pending;
      this.#failedLoads = 0;
    } catch (error) {
      if (error instanceof SerdeError) this.#undecodable = error;
      else await pause(backoffMs(++this.#failedLoads), signal);
    }
  }

  #hand(partition: number): Promise<void> | undefined {
    const cursor = this.#cursor;
    const { onCursor, onRecord, topic } = this.#options;
    if (onRecord !== undefined) {
      let key: K | null;
      let value: V | null;
      try {
        if (this.#undecodable !== undefined) throw this.#undecodable;
        key = cursor.keyStart < 0 ? null : this.#key.deserialize(cursor.bytes.subarray(cursor.keyStart, cursor.keyEnd));
        value =
          cursor.valueStart < 0
            ? null
            : this.#value.deserialize(cursor.bytes.subarray(cursor.valueStart, cursor.valueEnd));
      } catch (error) {
        if (error instanceof PendingCodecError) return error.ready;
        this.#undecodable = undefined;
        this.#refuse(error, partition);
        return undefined;
      }
      const { offset, timestamp } = cursor;
      onRecord({ topic: topic.name, partition, offset, timestamp, key, value, headers: headersOf(cursor) });
    }
    onCursor?.(cursor, partition);
    return undefined;
  }

  #refuse(error: unknown, partition: number): void {
    const failure = error instanceof Error ? error : new Error(String(error));
    const { onDeserializationError, topic } = this.#options;
    const place = { topic: topic.name, partition, offset: this.#cursor.offset };
    if ((onDeserializationError?.(failure, place) ?? 'fail') === 'continue') return;
    throw new SerdeError(`cannot read ${place.topic}-${partition} at offset ${place.offset}: ${failure.message}`, {
      context: place,
      cause: error,
    });
  }
}

function headersOf(cursor: RecordCursor): Headers {
  if (cursor.headerCount === 0) return NO_HEADERS;
  const headers: Header[] = [];
  while (cursor.nextHeader()) {
    const { bytes, headerKeyStart, headerKeyEnd, headerValueStart, headerValueEnd } = cursor;
    const value = headerValueStart < 0 ? null : Buffer.from(bytes.subarray(headerValueStart, headerValueEnd));
    headers.push({ key: bytes.toString('utf8', headerKeyStart, headerKeyEnd), value });
  }
  return headers;
}
