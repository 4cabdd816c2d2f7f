import { SerdeError } from '../../../errors.ts';
import type { Codec, Serde } from '../../../serde/serde.ts';
import { encode } from '../../../serde/serde.ts';

/** What the right side has to do with a subscription. The numbers are those on the wire. */
export const DELETE_SILENTLY = 0;
/** Delete it and answer with null: the row has gone, or names none any more. */
export const DELETE_AND_ANSWER = 1;
/** Keep it and answer, with null when the right table has no such row. */
export const ALWAYS_ANSWER = 2;
/** Keep it and answer when the right table has the row. */
export const ANSWER_IF_PRESENT = 3;

/** What a row of the left table tells the right table, under its foreign key. */
export interface Subscription {
  /** Of the row's serialised value: an answer to an older value can be told by it. Null: the row was deleted. */
  readonly hash: Buffer | null;
  readonly instruction: number;
  readonly primaryKey: unknown;
  /** Of the left table, for the answer. */
  readonly partition: number;
}

/** What the right table answers, under the row's primary key. */
export interface SubscriptionResponse {
  readonly hash: Buffer | null;
  /** The right table's value, or null. */
  readonly value: unknown;
  readonly partition: number;
}

const NO_HASH = 0x80;
const HASH_BYTES = 16;
const SUBSCRIPTION_VERSION = 1;
const RESPONSE_VERSION = 0;

/** version(1, high bit = no hash) ‖ instruction(1) ‖ hash(16) ‖ primary key ‖ partition(4). */
class SubscriptionCodec implements Codec<Subscription> {
  readonly #primaryKey: Codec<unknown>;

  constructor(primaryKey: Codec<unknown>) {
    this.#primaryKey = primaryKey;
  }

  get ready(): Promise<void> {
    return this.#primaryKey.ready ?? Promise.resolve();
  }

  serialize({ hash, instruction, primaryKey, partition }: Subscription): Uint8Array {
    const key = encode(this.#primaryKey, primaryKey);
    const hashBytes = hash === null ? 0 : HASH_BYTES;
    const bytes = Buffer.alloc(2 + hashBytes + key.length + 4);
    bytes[0] = SUBSCRIPTION_VERSION | (hash === null ? NO_HASH : 0);
    bytes[1] = instruction;
    if (hash !== null) bytes.set(hash, 2);
    bytes.set(key, 2 + hashBytes);
    bytes.writeInt32BE(partition, bytes.length - 4);
    return bytes;
  }

  deserialize(bytes: Uint8Array): Subscription {
    const buffer = requireVersion(bytes, SUBSCRIPTION_VERSION, 6);
    const hash = readHash(buffer, 2);
    const keyAt = hash === null ? 2 : 2 + HASH_BYTES;
    return {
      hash,
      instruction: buffer[1] as number,
      primaryKey: this.#primaryKey.deserialize(buffer.subarray(keyAt, buffer.length - 4)),
      partition: buffer.readInt32BE(buffer.length - 4),
    };
  }
}

/** version(1, high bit = no hash) ‖ hash(16) ‖ value; the partition is where it was sent to. */
class ResponseCodec implements Codec<SubscriptionResponse> {
  readonly #value: Codec<unknown>;

  constructor(value: Codec<unknown>) {
    this.#value = value;
  }

  get ready(): Promise<void> {
    return this.#value.ready ?? Promise.resolve();
  }

  serialize({ hash, value }: SubscriptionResponse): Uint8Array {
    const head = Buffer.from([RESPONSE_VERSION | (hash === null ? NO_HASH : 0)]);
    return Buffer.concat([
      head,
      hash ?? Buffer.alloc(0),
      value === null ? Buffer.alloc(0) : encode(this.#value, value),
    ]);
  }

  deserialize(bytes: Uint8Array): SubscriptionResponse {
    const buffer = requireVersion(bytes, RESPONSE_VERSION, 1);
    const hash = readHash(buffer, 1);
    const value = buffer.subarray(hash === null ? 1 : 1 + HASH_BYTES);
    return { hash, value: value.length === 0 ? null : this.#value.deserialize(value), partition: -1 };
  }
}

function requireVersion(bytes: Uint8Array, version: number, least: number): Buffer {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = buffer[0] ?? -1;
  const wanted = least + ((head & NO_HASH) === 0 ? HASH_BYTES : 0);
  if ((head & ~NO_HASH) !== version || buffer.length < wanted) {
    throw new SerdeError(
      `a message of a foreign-key join has version ${version} and at least ${wanted} bytes, this has version ${head & ~NO_HASH} and ${buffer.length}`,
    );
  }
  return buffer;
}

function readHash(buffer: Buffer, at: number): Buffer | null {
  if (((buffer[0] as number) & NO_HASH) !== 0) return null;
  return Buffer.from(buffer.subarray(at, at + HASH_BYTES));
}

/** Of subscriptions from rows with such keys. */
export function subscriptionSerde(primaryKey: Serde<unknown>): Serde<Subscription> {
  return {
    open: (context) =>
      new SubscriptionCodec(primaryKey.open({ ...context, topic: `${context.topic}-pk`, part: 'key' })),
  };
}

/** Of answers with values of the right table. */
export function responseSerde(value: Serde<unknown>): Serde<SubscriptionResponse> {
  return { open: (context) => new ResponseCodec(value.open(context)) };
}
