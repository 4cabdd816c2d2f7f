import type { MapKey } from './store-keys.ts';

/** Fewer entries are looked through one by one. */
const MAX_SEARCHED = 8;
/** Places of the first table; a power of two, as later ones. */
const FIRST_PLACES = 32;
const EMPTY = -1;
/** So that who chooses keys does not know where they meet. */
const SEED = Math.floor(Math.random() * 2 ** 32) | 0;

/**
 * Finds the slot of a key: what a `Map` from keys to numbers does, with open addressing over one array of numbers (linear probing, deletion by shifting back;
 * Knuth, The Art of Computer Programming 6.4). A place has the key's hash beside its slot, so that a key that is not there costs one access to memory and
 * growing looks at no key; to the garbage collector it is one object without references. Keys are told apart as by a `Map`.
 */
export class KeySlots {
  /** By slot; undefined: free. */
  readonly #keys: MapKey[] = [];
  /** Hash and slot of each place, one behind the other; undefined while there are few entries. */
  #places: Int32Array | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** −1: it has none. */
  slotOf(key: MapKey): number {
    const places = this.#places;
    const keys = this.#keys;
    if (places === undefined) {
      for (let slot = 0; slot < keys.length; slot++) if (isSame(keys[slot], key)) return slot;
      return -1;
    }
    const place = this.#find(places, key, hashOf(key));
    return place < 0 ? -1 : (places[place + 1] as number);
  }

  /** Of a key that has no slot; `slot` is free, or the next new one. */
  add(key: MapKey, slot: number): void {
    this.#keys[slot] = key;
    this.#size++;
    let places = this.#places;
    if (places === undefined) {
      if (this.#keys.length <= MAX_SEARCHED) return;
      this.#places = places = newPlaces(FIRST_PLACES);
      for (let other = 0; other < this.#keys.length; other++) {
        const otherKey = this.#keys[other];
        if (otherKey !== undefined) fill(places, hashOf(otherKey), other);
      }
      return;
    }
    // At most three quarters of the places are taken.
    if (this.#size * 8 > places.length * 3) this.#places = places = grown(places);
    fill(places, hashOf(key), slot);
  }

  /** Gives the slot that it had; −1: none. */
  delete(key: MapKey): number {
    const places = this.#places;
    let slot = -1;
    if (places === undefined) slot = this.slotOf(key);
    else {
      const place = this.#find(places, key, hashOf(key));
      if (place >= 0) {
        slot = places[place + 1] as number;
        removeAt(places, place);
      }
    }
    if (slot < 0) return -1;
    this.#keys[slot] = undefined;
    this.#size--;
    return slot;
  }

  /** In no order. */
  *keys(): IterableIterator<MapKey> {
    for (const key of this.#keys) if (key !== undefined) yield key;
  }

  /** As `keys`. */
  *slots(): IterableIterator<number> {
    for (let slot = 0; slot < this.#keys.length; slot++) if (this.#keys[slot] !== undefined) yield slot;
  }

  #find(places: Int32Array, key: MapKey, hash: number): number {
    const keys = this.#keys;
    const last = places.length - 2;
    for (let place = (hash << 1) & last; ; place = (place + 2) & last) {
      const slot = places[place + 1] as number;
      if (slot === EMPTY) return -1;
      if (places[place] === hash && isSame(keys[slot], key)) return place;
    }
  }
}

const newPlaces = (count: number): Int32Array => new Int32Array(2 * count).fill(EMPTY);

function fill(places: Int32Array, hash: number, slot: number): void {
  const last = places.length - 2;
  let place = (hash << 1) & last;
  while (places[place + 1] !== EMPTY) place = (place + 2) & last;
  places[place] = hash;
  places[place + 1] = slot;
}

/** Empties a place and moves what was put behind it because it was taken. */
function removeAt(places: Int32Array, at: number): void {
  const last = places.length - 2;
  let hole = at;
  for (let place = (hole + 2) & last; places[place + 1] !== EMPTY; place = (place + 2) & last) {
    const home = ((places[place] as number) << 1) & last;
    // It stays where its way from home does not lead over the hole.
    if (((place - home) & last) < ((place - hole) & last)) continue;
    places[hole] = places[place] as number;
    places[hole + 1] = places[place + 1] as number;
    hole = place;
  }
  places[hole + 1] = EMPTY;
}

function grown(places: Int32Array): Int32Array {
  const larger = newPlaces(places.length);
  for (let place = 0; place < places.length; place += 2) {
    const slot = places[place + 1] as number;
    if (slot !== EMPTY) fill(larger, places[place] as number, slot);
  }
  return larger;
}

/** NaN is the same as itself, as in a `Map`. */
const isSame = (one: MapKey, other: MapKey): boolean => one === other || (one !== one && other !== other);

/** Murmur's mixing of 32 bits, by UTF-16 unit; whole numbers at once. */
function hashOf(key: MapKey): number {
  if (typeof key === 'number' && (key | 0) === key) return mixed(Math.imul(SEED ^ key, 0x5bd1e995));
  const text = typeof key === 'string' ? key : String(key);
  let hash = SEED;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x5bd1e995);
    hash ^= hash >>> 15;
  }
  return mixed(hash);
}

function mixed(bits: number): number {
  const hash = Math.imul(bits ^ (bits >>> 13), 0x5bd1e995);
  return hash ^ (hash >>> 15);
}
