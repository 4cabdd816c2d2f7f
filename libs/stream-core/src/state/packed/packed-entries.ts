import { PackedSlabs } from './packed-slabs.ts';

const EMPTY = 0;
const NO_ADDRESS = -1;
/** The table is doubled when this part of it is in use. */
const MAX_LOAD = 0.75;
/** How much longer the list of slots gets when it is full. */
const SLOT_GROWTH = 1.2;

/**
 * Byte keys and byte values: a hash table of slots, for each slot the address of its entry, and the entries in slabs. A key
 * keeps its slot, a small number, from its first value until it is removed, so that others can keep an array beside it.
 */
export class PackedEntries {
  readonly slabs = new PackedSlabs((slot, address) => {
    this.#addresses[slot] = address;
  });
  #table = new Int32Array(1024);
  #addresses = new Int32Array(1024).fill(NO_ADDRESS);
  #slots = 0;
  #freeSlots: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Slots are below this. */
  get slots(): number {
    return this.#slots;
  }

  /** Bytes of table and slots. */
  get indexBytes(): number {
    return this.#table.byteLength + this.#addresses.byteLength;
  }

  /** The slot of a key, −1 without one. */
  slotOf(key: Uint8Array): number {
    const mask = this.#table.length - 1;
    for (let at = hashOf(key) & mask; ; at = (at + 1) & mask) {
      const slot = (this.#table[at] as number) - 1;
      if (slot < 0) return -1;
      if (this.slabs.hasKey(this.#addresses[slot] as number, key)) return slot;
    }
  }

  /** The address of a slot's entry, −1 for a slot that is free. */
  addressOf(slot: number): number {
    return slot >= 0 && slot < this.#slots ? (this.#addresses[slot] as number) : NO_ADDRESS;
  }

  /** Gives a key its value; gives its slot. */
  put(slot: number, key: Uint8Array, value: Uint8Array, timestamp: number): number {
    if (slot >= 0) {
      this.#addresses[slot] = this.slabs.update(this.#addresses[slot] as number, value, timestamp);
      this.slabs.tidy();
      return slot;
    }
    if (this.#size + 1 > this.#table.length * MAX_LOAD) this.#grow();
    const added = this.#freeSlots.pop() ?? this.#newSlot();
    this.#addresses[added] = this.slabs.add(added, key, value, timestamp);
    this.#insert(added, hashOf(key));
    this.#size++;
    return added;
  }

  remove(slot: number): void {
    const address = this.#addresses[slot] as number;
    this.#unlink(slot, hashOf(this.slabs.key(address)));
    this.#addresses[slot] = NO_ADDRESS;
    this.#freeSlots.push(slot);
    this.#size--;
    this.slabs.remove(address);
  }

  #newSlot(): number {
    if (this.#slots === this.#addresses.length) {
      const longer = new Int32Array(Math.ceil(this.#slots * SLOT_GROWTH)).fill(NO_ADDRESS);
      longer.set(this.#addresses);
      this.#addresses = longer;
    }
    return this.#slots++;
  }

  #grow(): void {
    this.#table = new Int32Array(this.#table.length * 2);
    for (let slot = 0; slot < this.#slots; slot++) {
      const address = this.#addresses[slot] as number;
      if (address !== NO_ADDRESS) this.#insert(slot, hashOf(this.slabs.key(address)));
    }
  }

  #insert(slot: number, hash: number): void {
    const mask = this.#table.length - 1;
    let at = hash & mask;
    while (this.#table[at] !== EMPTY) at = (at + 1) & mask;
    this.#table[at] = slot + 1;
  }

  /** Takes a slot out of the table and closes the gap: who stands behind it and belongs there or before moves up. */
  #unlink(slot: number, hash: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    let gap = hash & mask;
    while (table[gap] !== slot + 1) gap = (gap + 1) & mask;
    for (let at = (gap + 1) & mask; table[at] !== EMPTY; at = (at + 1) & mask) {
      const other = (table[at] as number) - 1;
      const home = hashOf(this.slabs.key(this.#addresses[other] as number)) & mask;
      if (((at - home) & mask) >= ((at - gap) & mask)) {
        table[gap] = other + 1;
        gap = at;
      }
    }
    table[gap] = EMPTY;
  }
}

/** FNV-1a with the last step of MurmurHash3, whose low bits a table can use. */
function hashOf(key: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ (key[at] as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
