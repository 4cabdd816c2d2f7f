import { KeySlots } from './key-slots.ts';
import type { MapKey } from './store-keys.ts';

/**
 * The entries of one window, in columns: an entry is a number (its slot), so that it costs the garbage collector no object. A slot keeps its key until it is
 * used again, which is how an iterator can tell that its entry is gone.
 */
export class WindowEntries<K, V> {
  readonly #slots = new KeySlots();
  readonly #keys: K[] = [];
  readonly #values: (V | null)[] = [];
  readonly #timestamps: number[] = [];
  /** Slots of deleted entries. At most as many as there were entries at a time. */
  readonly #free: number[] = [];

  get size(): number {
    return this.#slots.size;
  }

  /** −1: there is none. */
  slotOf(mapKey: MapKey): number {
    return this.#slots.slotOf(mapKey);
  }

  keyAt(slot: number): K {
    return this.#keys[slot] as K;
  }

  /** Null: it is deleted. */
  valueAt(slot: number): V | null {
    return this.#values[slot] as V | null;
  }

  timestampAt(slot: number): number {
    return this.#timestamps[slot] as number;
  }

  /** Of a key that is not there. */
  add(mapKey: MapKey, key: K, value: V, timestamp: number): void {
    const slot = this.#free.pop() ?? this.#keys.length;
    this.#slots.add(mapKey, slot);
    this.#keys[slot] = key;
    this.#values[slot] = value;
    this.#timestamps[slot] = timestamp;
  }

  update(slot: number, value: V, timestamp: number): void {
    this.#values[slot] = value;
    this.#timestamps[slot] = timestamp;
  }

  /** False: it was not there. */
  delete(mapKey: MapKey): boolean {
    const slot = this.#slots.delete(mapKey);
    if (slot < 0) return false;
    this.#values[slot] = null;
    this.#free.push(slot);
    return true;
  }

  /** In no order. */
  mapKeys(): Iterable<MapKey> {
    return this.#slots.keys();
  }

  /** As `mapKeys`. */
  slots(): Iterable<number> {
    return this.#slots.slots();
  }
}
