import type { Scratch } from '../internal/scratch.ts';
import type { TopicPartition } from '../kafka/types.ts';
import type { Headers } from '../processor/headers.ts';
import { NO_HEADERS } from '../processor/headers.ts';
import { BytePages } from './byte-pages.ts';

/** A record as the topology wrote it, in bytes. */
export interface ProducedRecord extends TopicPartition {
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Headers;
}

const pages = new BytePages();
/** Up to here a loop is faster than the call into the runtime. */
const SHORT = 32;

/** A record with its bytes in a page: buffers are made when somebody looks. */
export class PagedRecord implements ProducedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly timestamp: number;
  readonly headers: Headers;
  readonly #page: Buffer;
  readonly #start: number;
  /** Lengths; -1: null. The value follows the key. */
  readonly #keyLength: number;
  readonly #valueLength: number;

  constructor(
    topic: string,
    partition: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: Headers = NO_HEADERS,
  ) {
    this.topic = topic;
    this.partition = partition;
    this.timestamp = timestamp;
    this.headers = headers;
    const keyLength = key === null ? 0 : key.length;
    pages.reserve(keyLength + (value === null ? 0 : value.length));
    const { page, start } = pages;
    this.#page = page;
    this.#start = start;
    this.#keyLength = key === null ? -1 : keyLength;
    this.#valueLength = value === null ? -1 : value.length;
    if (key !== null) page.set(key, start);
    if (value !== null) page.set(value, start + keyLength);
  }

  get key(): Buffer | null {
    if (this.#keyLength < 0) return null;
    return this.#page.subarray(this.#start, this.#start + this.#keyLength);
  }

  get value(): Buffer | null {
    if (this.#valueLength < 0) return null;
    return this.#page.subarray(this.#valueStart, this.#valueStart + this.#valueLength);
  }

  /** The key, valid until the scratch is used again. */
  keyIn(scratch: Scratch): Buffer | null {
    if (this.#keyLength < 0) return null;
    return this.#copy(scratch, this.#start, this.#keyLength);
  }

  /** The value, valid until the scratch is used again. */
  valueIn(scratch: Scratch): Buffer | null {
    if (this.#valueLength < 0) return null;
    return this.#copy(scratch, this.#valueStart, this.#valueLength);
  }

  get #valueStart(): number {
    return this.#start + Math.max(0, this.#keyLength);
  }

  #copy(scratch: Scratch, start: number, length: number): Buffer {
    const page = this.#page;
    const bytes = scratch.reserve(length);
    if (length <= SHORT) for (let i = 0; i < length; i++) bytes[i] = page[start + i] as number;
    else page.copy(bytes, 0, start, start + length);
    return scratch.view(length);
  }
}
