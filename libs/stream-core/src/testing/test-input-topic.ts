import { ArgumentError } from '../errors.ts';
import type { Headers } from '../processor/headers.ts';
import type { Codec } from '../serde/serde.ts';
import { encode } from '../serde/serde.ts';
import { shown } from './simulation-options.ts';
import type { PipedRecord } from './test-record.ts';

/** What may be said of a record besides key, value and time. */
export interface PipeOptions {
  readonly headers?: Headers | undefined;
  /** Default: by the hash of the key, or of the part of it that the topic names, as a producer would. */
  readonly partition?: number | undefined;
}

/** The time of records that name none. */
export interface InputTimes {
  /** Of the first one. Default: the driver's wall clock at each record. */
  readonly startTimestampMs?: number | undefined;
  /** From one to the next. Default 0. */
  readonly autoAdvanceMs?: number | undefined;
}

const NO_OPTIONS: PipeOptions = {};
/** Negative ones too: what becomes of them is the deserialization handler's to say. */
const TIMES = 'allowed: whole milliseconds, safe integers';
const DURATIONS = 'allowed: whole milliseconds from 0';

/** Takes a record in bytes and copies them. */
export type Pipe = (
  key: Uint8Array | null,
  value: Uint8Array | null,
  timestamp: number | undefined,
  options: PipeOptions,
) => void;

/** How a topic's records become bytes. */
export interface InputCodecs<K, V> {
  readonly key: Codec<K>;
  readonly value: Codec<V>;
  /** Where a key belongs of which only a part decides; undefined: the bytes of the whole one do. */
  readonly partitionOf: ((key: K) => number) | undefined;
}

/** Writes typed records to a topic of the driver. */
export class TestInputTopic<K, V> {
  readonly name: string;
  readonly #codecs: InputCodecs<K, V>;
  readonly #pipe: Pipe;
  readonly #autoAdvanceMs: number;
  /** Of the next record that names none; undefined: the wall clock's. */
  #nextMs: number | undefined;

  constructor(name: string, codecs: InputCodecs<K, V>, pipe: Pipe, times: InputTimes = {}) {
    this.name = name;
    this.#codecs = codecs;
    this.#pipe = pipe;
    const { startTimestampMs, autoAdvanceMs = 0 } = times;
    if (!isDuration(autoAdvanceMs)) refuse(`autoAdvanceMs is ${shown(autoAdvanceMs)}; ${DURATIONS}`);
    if (startTimestampMs !== undefined && !Number.isSafeInteger(startTimestampMs)) {
      refuse(`startTimestampMs is ${shown(startTimestampMs)}; ${TIMES}`);
    }
    if (autoAdvanceMs > 0 && startTimestampMs === undefined) {
      refuse('autoAdvanceMs without startTimestampMs: it says from when on');
    }
    this.#nextMs = startTimestampMs;
    this.#autoAdvanceMs = autoAdvanceMs;
  }

  /** Moves the time of the records that name none. Only for a topic made with `startTimestampMs`. */
  advanceTime(byMs: number): void {
    if (!isDuration(byMs)) refuse(`time of ${this.name} is to advance by ${shown(byMs)} ms; ${DURATIONS}`);
    if (this.#nextMs === undefined) refuse(`${this.name} goes by the driver's wall clock: advance that`);
    this.#nextMs += byMs;
  }

  /** Writes one record and runs the topology until nothing is left to do. Without `timestamp` it gets the topic's time, then the driver's wall-clock time. Throws what the topology throws, and `ArgumentError` for a time that is no whole number. */
  pipeInput(value: V | null, key: K | null = null, timestamp?: number, options?: PipeOptions): void {
    const codecs = this.#codecs;
    const keyBytes = key === null ? null : encode(codecs.key, key);
    const valueBytes = value === null ? null : encode(codecs.value, value);
    const isPlaced = key === null || codecs.partitionOf === undefined || options?.partition !== undefined;
    const placed = isPlaced ? options : { ...options, partition: codecs.partitionOf?.(key) };
    this.pipeRaw(keyBytes, valueBytes, timestamp, placed);
  }

  /** As `pipeInput` for a record, one that was read from another topic for example: to the partition that it names. */
  pipeRecord({ key = null, value, timestamp, headers, partition }: PipedRecord<K, V>): void {
    this.pipeInput(value, key, timestamp, { headers, partition });
  }

  /** One after the other; the topology runs after each. */
  pipeRecordList(records: Iterable<PipedRecord<K, V>>): void {
    for (const record of records) this.pipeRecord(record);
  }

  /** [key, value] pairs with the topic's time. */
  pipeKeyValueList(pairs: Iterable<readonly [K | null, V | null]>): void {
    for (const [key, value] of pairs) this.pipeInput(value, key);
  }

  /** Values without keys, with the topic's time. */
  pipeValueList(values: Iterable<V | null>): void {
    for (const value of values) this.pipeInput(value);
  }

  /** As `pipeInput` for bytes that no serde has seen: poison, for example. */
  pipeRaw(
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestamp?: number,
    options: PipeOptions = NO_OPTIONS,
  ): void {
    const timeMs = timestamp ?? this.#takeTime();
    if (timeMs !== undefined && !Number.isSafeInteger(timeMs)) {
      refuse(`timestamp of a record for ${this.name} is ${shown(timeMs)}; ${TIMES}`);
    }
    this.#pipe(key, value, timeMs, options);
  }

  #takeTime(): number | undefined {
    const timeMs = this.#nextMs;
    if (timeMs !== undefined) this.#nextMs = timeMs + this.#autoAdvanceMs;
    return timeMs;
  }
}

/** Whole milliseconds that time may go on by. */
export function isDuration(byMs: number): boolean {
  return Number.isSafeInteger(byMs) && byMs >= 0;
}

function refuse(message: string): never {
  throw new ArgumentError(message);
}
