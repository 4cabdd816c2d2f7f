import { PendingCodecError, SerdeError } from '@playhead/stream-core';
import type { Codec, SchemaSource } from '@playhead/stream-core';
import { avroReader, avroType } from './avro-type.ts';
import type { AvroReader, AvroType } from './avro-type.ts';

/** Writers' schemas kept by one codec; the one that came first goes first. */
export const MAX_WRITER_SCHEMAS = 256;
/** Values are written one behind the other into a buffer of this size, then into a new one: what `serialize` gives is never overwritten. */
const SLAB_BYTES = 64 * 1024;
/** Values that are copied at once are written over each other, into a buffer that grows from here to `SLAB_BYTES`. */
const REUSED_BYTES = 2048;
/** One view is kept for each size up to this. */
const MAX_VIEWED_BYTES = 2048;
const HEADER_BYTES = 5;
const MAGIC = 0;

/** What an `AvroCodec` is made of. */
export interface AvroCodecOptions {
  readonly schema: string;
  readonly subject: string;
  readonly topic: string;
  readonly schemas: SchemaSource;
}

/** How values of one writer's schema are read, or why not. */
type Reader = AvroReader | SerdeError;

/** See `avroSerde`. */
export class AvroCodec<T> implements Codec<T> {
  readonly ready: Promise<void>;
  readonly #options: AvroCodecOptions;
  readonly #type: AvroType;
  readonly #readers = new Map<number, Reader>();
  readonly #loading = new Map<number, Promise<void>>();
  #id = -1;
  #unwritable: SerdeError | undefined;
  /** Behind a header that is written once. */
  #reused = Buffer.allocUnsafeSlow(REUSED_BYTES);
  #views: Uint8Array[] = [];
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #position = 0;

  constructor(options: AvroCodecOptions) {
    this.#options = options;
    this.#type = avroType(options.schema);
    this.ready = this.#register();
  }

  get writeError(): SerdeError | undefined {
    return this.#unwritable;
  }

  serialize(value: T): Uint8Array {
    let end = this.#encode(value, this.#slab, this.#position);
    if (end < 0) {
      // avsc answers minus the bytes that were missing.
      const needed = this.#slab.length - end - this.#position;
      this.#slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, needed));
      this.#position = 0;
      end = this.#encode(value, this.#slab, 0);
    }
    const bytes = this.#slab.subarray(this.#position, end);
    this.#writeHeader(bytes);
    this.#position = end;
    return bytes;
  }

  serializeReusing(value: T): Uint8Array {
    let end = this.#encode(value, this.#reused, 0);
    if (end < 0) {
      const needed = this.#reused.length - end;
      if (needed > SLAB_BYTES) return this.serialize(value);
      this.#reused = Buffer.allocUnsafeSlow(Math.min(2 * needed, SLAB_BYTES));
      this.#views = [];
      this.#writeHeader(this.#reused);
      end = this.#encode(value, this.#reused, 0);
    }
    if (end > MAX_VIEWED_BYTES) return this.#reused.subarray(0, end);
    return (this.#views[end] ??= this.#reused.subarray(0, end));
  }

  deserialize(bytes: Uint8Array): T {
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return this.deserializeAt(buffer, 0, buffer.length);
  }

  deserializeAt(buffer: Buffer, start: number, end: number): T {
    if (end - start < HEADER_BYTES) {
      throw this.#error(`has ${end - start} bytes; a Confluent header alone has ${HEADER_BYTES}`);
    }
    if (buffer[start] !== MAGIC) {
      throw this.#error(`starts with byte 0x${hex(buffer[start])}, allowed is 0x00 (Confluent wire format)`);
    }
    const id = buffer.readInt32BE(start + 1);
    const reader = this.#readers.get(id);
    if (reader === undefined) {
      throw new PendingCodecError(this.#load(id));
    }
    if (reader instanceof SerdeError) {
      throw reader;
    }
    try {
      return reader(buffer, start + HEADER_BYTES, end) as T;
    } catch (cause) {
      throw this.#error(`cannot be read with schema ${id}: ${reasonOf(cause)}`, cause);
    }
  }

  /** The writer's schema id. */
  formatOf(bytes: Uint8Array): number | undefined {
    if (bytes.length < HEADER_BYTES || bytes[0] !== MAGIC) return undefined;
    return Buffer.from(bytes.buffer, bytes.byteOffset, HEADER_BYTES).readInt32BE(1);
  }

  /** The end, negative if that lies beyond the buffer's. */
  #encode(value: T, buffer: Buffer, start: number): number {
    if (this.#id < 0) {
      throw this.#unwritable ?? this.#error('was written before the codec was ready');
    }
    try {
      return this.#type.encode(value, buffer, start + HEADER_BYTES);
    } catch (cause) {
      throw this.#error(`cannot be written: ${reasonOf(cause)}`, cause);
    }
  }

  #writeHeader(buffer: Buffer): void {
    buffer[0] = MAGIC;
    buffer.writeInt32BE(this.#id, 1);
  }

  async #register(): Promise<void> {
    const { schemas, subject, schema } = this.#options;
    try {
      this.#id = await schemas.idOf(subject, schema);
      this.#writeHeader(this.#reused);
      this.#remember(this.#id, avroReader(this.#type));
    } catch (error) {
      if (!(error instanceof SerdeError)) {
        throw error;
      }
      // Readers roll out before writers: who only reads may know a schema that the registry does not.
      this.#unwritable = error;
    }
  }

  #load(id: number): Promise<void> {
    const pending = this.#loading.get(id);
    if (pending !== undefined) {
      return pending;
    }
    const loading = this.#options.schemas
      .schemaOf(id)
      .then((text) => this.#remember(id, this.#readerFor(id, text)))
      .finally(() => this.#loading.delete(id));
    this.#loading.set(id, loading);
    return loading;
  }

  #readerFor(id: number, text: string): Reader {
    try {
      const writer = avroType(text);
      return avroReader(this.#type, writer.equals(this.#type) ? undefined : this.#type.createResolver(writer));
    } catch (cause) {
      return this.#error(`has schema ${id}, which does not resolve: ${reasonOf(cause)}`, cause);
    }
  }

  #remember(id: number, reader: Reader): void {
    this.#readers.set(id, reader);
    for (const oldest of this.#readers.keys()) {
      if (this.#readers.size <= MAX_WRITER_SCHEMAS) {
        break;
      }
      this.#readers.delete(oldest);
    }
  }

  #error(what: string, cause?: unknown): SerdeError {
    const { topic, subject } = this.#options;
    return new SerdeError(`a value of ${subject} ${what}`, { context: { topic }, cause });
  }
}

function hex(byte: number | undefined): string {
  return (byte ?? 0).toString(16).padStart(2, '0');
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
