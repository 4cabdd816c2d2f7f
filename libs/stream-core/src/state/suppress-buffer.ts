import { JavaHashSetOrder } from '../internal/java-hash-set-order.ts';
import type { Headers } from '../processor/headers.ts';
import type { RecordOrigin } from '../processor/record-origin.ts';
import type { Codec } from '../serde/serde.ts';
import { encode } from '../serde/serde.ts';
import { SuppressQueue } from './suppress-queue.ts';
import { readSuppressRecord, sizeOfSuppressRecord, writeSuppressRecord } from './suppress-record.ts';
import { PRODUCERS_TIME } from './state-store.ts';
import type { ChangelogWriter, StateStore, StoreContext } from './state-store.ts';

/** A change that waits. */
export class BufferedChange {
  readonly key: unknown;
  /** The key's bytes, as latin1: sorts as they do. */
  readonly order: string;
  /** When it came first; later changes of the key keep the place. */
  readonly timeMs: number;
  readonly priorValue: unknown;
  oldValue: unknown;
  newValue: unknown;
  origin: RecordOrigin;
  bytes = 0;
  /** Taken out: the queue forgets it when it comes across it. */
  isGone = false;

  constructor(
    place: { readonly key: unknown; readonly order: string; readonly timeMs: number; readonly priorValue: unknown },
    change: { readonly newValue: unknown; readonly oldValue: unknown; readonly origin: RecordOrigin },
  ) {
    this.key = place.key;
    this.order = place.order;
    this.timeMs = place.timeMs;
    this.priorValue = place.priorValue;
    this.newValue = change.newValue;
    this.oldValue = change.oldValue;
    this.origin = change.origin;
  }
}

/** What a buffer is made of. */
export interface SuppressBufferOptions {
  readonly name: string;
  readonly key: Codec<unknown>;
  readonly value: Codec<unknown>;
  /** Whether to count bytes, which costs writing every change as bytes. */
  readonly countsBytes: boolean;
}

const VERSION_3: Headers = [{ key: 'v', value: Uint8Array.of(3) }];

/** The last change of each key, in the order of their first times, then of the keys' bytes. The changelog gets what became of them at each commit. */
export class SuppressBuffer implements StateStore {
  readonly name: string;
  readonly kind = 'suppress-buffer';
  readonly persistent = false;
  readonly #key: Codec<unknown>;
  readonly #value: Codec<unknown>;
  readonly #countsBytes: boolean;
  readonly #byKey = new Map<string, BufferedChange>();
  readonly #queue = new SuppressQueue<BufferedChange>();
  readonly #dirty = new Set<string>();
  readonly #flushOrder = new JavaHashSetOrder();
  #changelog: ChangelogWriter | undefined;
  #bytes = 0;

  constructor({ name, key, value, countsBytes }: SuppressBufferOptions) {
    this.name = name;
    this.#key = key;
    this.#value = value;
    this.#countsBytes = countsBytes;
  }

  get approximateEntries(): number {
    return this.#byKey.size;
  }

  /** 0 where bytes are not counted. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The change to go next; undefined: none. */
  get first(): BufferedChange | undefined {
    for (let first = this.#queue.first; first !== undefined; first = this.#queue.first) {
      if (!first.isGone) return first;
      this.#queue.poll();
    }
    return undefined;
  }

  init({ changelog }: StoreContext): void {
    this.#changelog = changelog;
  }

  /** The buffered change of a key. */
  get(key: unknown): BufferedChange | undefined {
    return this.#byKey.get(this.#order(key));
  }

  put(key: unknown, timeMs: number, change: Pick<BufferedChange, 'newValue' | 'oldValue' | 'origin'>): void {
    const order = this.#order(key);
    let buffered = this.#byKey.get(order);
    if (buffered === undefined) {
      buffered = new BufferedChange({ key, order, timeMs, priorValue: change.oldValue }, change);
      this.#add(buffered);
    } else {
      buffered.newValue = change.newValue;
      buffered.oldValue = change.oldValue;
      buffered.origin = change.origin;
    }
    this.#count(buffered);
    if (this.#changelog !== undefined) this.#dirty.add(order);
  }

  /** Takes the first change out. */
  removeFirst(): void {
    const { first } = this;
    if (first === undefined) return;
    this.#remove(first);
    if (this.#changelog !== undefined) this.#dirty.add(first.order);
  }

  restore(key: Uint8Array, value: Uint8Array | null): void {
    const order = Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
    const present = this.#byKey.get(order);
    if (value === null) {
      if (present !== undefined) this.#remove(present);
      return;
    }
    const record = readSuppressRecord(value);
    const read = (bytes: Uint8Array | null): unknown => (bytes === null ? null : this.#value.deserialize(bytes));
    const change = { newValue: read(record.newValue), oldValue: read(record.oldValue), origin: record.origin };
    const place = { key: this.#key.deserialize(key), order, timeMs: record.bufferTimeMs };
    if (present !== undefined) this.#remove(present);
    const restored = new BufferedChange({ ...place, priorValue: read(record.priorValue) }, change);
    this.#add(restored);
    this.#count(restored);
  }

  flush(): void {
    const changelog = this.#changelog;
    if (changelog === undefined || this.#dirty.size === 0) return;
    for (const order of this.#flushOrder.sort([...this.#dirty])) {
      const buffered = this.#byKey.get(order);
      const key = Buffer.from(order, 'latin1');
      if (buffered === undefined) changelog.log(key, null, PRODUCERS_TIME);
      else changelog.log(key, writeSuppressRecord(this.#record(buffered)), PRODUCERS_TIME, VERSION_3);
    }
    this.#dirty.clear();
  }

  close(): void {
    this.#byKey.clear();
    this.#queue.clear();
    this.#dirty.clear();
    this.#bytes = 0;
  }

  #order(key: unknown): string {
    const bytes = encode(this.#key, key);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  }

  #add(buffered: BufferedChange): void {
    this.#byKey.set(buffered.order, buffered);
    this.#queue.offer(buffered);
  }

  #remove(buffered: BufferedChange): void {
    buffered.isGone = true;
    this.#byKey.delete(buffered.order);
    this.#bytes -= buffered.bytes;
  }

  #count(buffered: BufferedChange): void {
    if (!this.#countsBytes) return;
    const bytes = sizeOfSuppressRecord(buffered.order.length, this.#record(buffered));
    this.#bytes += bytes - buffered.bytes;
    buffered.bytes = bytes;
  }

  #record({ origin, priorValue, oldValue, newValue, timeMs }: BufferedChange) {
    const write = (value: unknown): Uint8Array | null => (value === null ? null : this.#value.serialize(value));
    return {
      origin,
      priorValue: write(priorValue),
      oldValue: write(oldValue),
      newValue: write(newValue),
      bufferTimeMs: timeMs,
    };
  }
}
