/** Where schemas live: implemented over the Schema Registry, or in memory by the test driver. */
export interface SchemaSource {
  /** The id under which `schema` stands in `subject`; registers it where the installation allows that, else rejects with a `SerdeError`. */
  idOf(subject: string, schema: string): Promise<number>;
  /** The schema text of an id. Rejects with a `SerdeError` when the registry does not know the id, with another error when it cannot be asked. */
  schemaOf(id: number): Promise<string>;
}

/** What a codec is opened for. */
export interface SerdeContext {
  /** The topic whose records are read or written; for a store, its changelog topic. */
  readonly topic: string;
  readonly part: 'key' | 'value';
  readonly schemas?: SchemaSource | undefined;
}

/** Turns values of one topic into bytes and back, synchronously. Both directions throw `SerdeError`. */
export interface Codec<T> {
  serialize(value: T): Uint8Array;
  /** As `serialize`, into memory that the next call of the same codec overwrites: what the record path calls where it exists. A codec that has it belongs to one topic and part. */
  serializeReusing?(value: T): Uint8Array;
  /** `bytes` is a view that is only valid during the call: copy what is kept. Throws `PendingCodecError` when something must be loaded first. */
  deserialize(bytes: Uint8Array): T;
  /** As `deserialize(buffer.subarray(start, end))`, without the view: what the record path calls where it exists. */
  deserializeAt?(buffer: Buffer, start: number, end: number): T;
  /** Awaited once before the first call of either direction. */
  readonly ready?: Promise<void>;
  /** Once ready: why nothing can be written though bytes can be read, such as a schema that the registry does not have. A producer refuses to begin with it. */
  readonly writeError?: Error | undefined;
  /** True: two values are the same key exactly when they are `===`, so stores in memory use them as they are. */
  readonly comparesByIdentity?: boolean;
  /** For a codec that can throw `PendingCodecError`: the number of the format (a schema's id) that has to be loaded before these bytes can be read. State that is read from disk, in the middle of a record, needs it; without it such stores stay in memory. */
  formatOf?(bytes: Uint8Array): number | undefined;
  /** Of windowed keys: how many leading bytes of a serialised key decide its partition. Absent: all. */
  partitionBytes?(serialized: Uint8Array): number;
}

/** The bytes of a value for immediate use: they are valid until the codec's next call. */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  return codec.serializeReusing === undefined ? codec.serialize(value) : codec.serializeReusing(value);
}

/** The format of bytes that have another serde's in them; unknown when that is. */
export const formatWithin = (outer: string, { format }: Pick<Serde<unknown>, 'format'>): string | undefined =>
  format === undefined ? undefined : `${outer} of ${format}`;

/**
 * A description of how values are written: what a topology holds, without environment or connection. The runtime and
 * the test driver open it once per topic and part.
 */
export interface Serde<T> {
  /** What its bytes are, in a word or two, such as `long` or `avro (demo.Row)`: equal for serdes that can read each other's. State that was written in another format is refused at the start. Absent: nothing is known, and nothing compared. */
  readonly format?: string | undefined;
  open(context: SerdeContext): Codec<T>;
}

/** Thrown by `Codec.deserialize` when the codec needs I/O first: try the same record again after `ready`. */
export class PendingCodecError extends Error {
  readonly ready: Promise<void>;

  constructor(ready: Promise<void>) {
    super('the codec has to load something before it can read this record');
    this.name = 'PendingCodecError';
    this.ready = ready;
  }
}
