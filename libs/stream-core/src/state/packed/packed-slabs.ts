/**
 * Entries as bytes in slabs outside the heap, one behind the other, so that a million of them are a few hundred objects
 * to the garbage collector:
 *
 *     slot + 1 (4, 0: dead) · capacity in units (4) · value's length (4) · key's length (2) · timestamp + 1 (6) · key · value
 *
 * A value that still fits is written over the old one; else the entry moves behind the last. When a sixteenth of the bytes
 * is dead, the slab with the most of them is emptied into the others and used again.
 */
const UNIT = 8;
const SLAB_UNITS = 128 * 1024;
const HEADER_BYTES = 20;
/** Room beyond the first value of an entry: numbers in it grow by a digit. */
const SLACK_BYTES = 3;
/** Part of the bytes that may be dead. */
const MAX_DEAD_PART = 16;

/** Longest key, in bytes. */
export const MAX_PACKED_KEY_BYTES = 0xffff;

interface Slab {
  bytes: Buffer;
  /** Units in use, dead ones included. */
  used: number;
  dead: number;
}

const newSlab = (units: number): Slab => ({ bytes: Buffer.allocUnsafeSlow(units * UNIT), used: 0, dead: 0 });

/** Where entries are. An address is that of an entry as long as it is not written; `moved` is told of others. */
export class PackedSlabs {
  readonly #slabs: Slab[] = [newSlab(SLAB_UNITS)];
  readonly #free: number[] = [];
  readonly #moved: (slot: number, address: number) => void;
  #current = 0;
  #used = 0;
  #dead = 0;

  constructor(moved: (slot: number, address: number) => void) {
    this.#moved = moved;
  }

  /** Bytes of all slabs. */
  get allocatedBytes(): number {
    return this.#slabs.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** Bytes of entries that are no more. */
  get deadBytes(): number {
    return this.#dead * UNIT;
  }

  /** Writes a new entry; gives its address. */
  add(slot: number, key: Uint8Array, value: Uint8Array, timestamp: number): number {
    const units = Math.ceil((HEADER_BYTES + key.length + value.length + SLACK_BYTES) / UNIT);
    const address = this.#reserve(units);
    const { bytes, at } = this.#place(address);
    bytes.writeUInt32LE(slot + 1, at);
    bytes.writeUInt32LE(units, at + 4);
    bytes.writeUInt16LE(key.length, at + 12);
    bytes.set(key, at + HEADER_BYTES);
    this.#writeValue(bytes, at, value, timestamp);
    return address;
  }

  /** Gives an entry another value; gives its address afterwards. */
  update(address: number, value: Uint8Array, timestamp: number): number {
    const { bytes, at } = this.#place(address);
    const keyLength = bytes.readUInt16LE(at + 12);
    if (HEADER_BYTES + keyLength + value.length <= bytes.readUInt32LE(at + 4) * UNIT) {
      this.#writeValue(bytes, at, value, timestamp);
      return address;
    }
    const slot = bytes.readUInt32LE(at) - 1;
    const moved = this.add(slot, bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + keyLength), value, timestamp);
    this.#kill(address);
    return moved;
  }

  /** Forgets an entry, and makes room when much is dead. */
  remove(address: number): void {
    this.#kill(address);
    this.tidy();
  }

  /** Empties a slab when a sixteenth is dead. Addresses change; call it when none is held. */
  tidy(): void {
    if (this.#dead * MAX_DEAD_PART > this.#used && this.#dead > SLAB_UNITS / MAX_DEAD_PART) this.#emptyWorst();
  }

  /** A view of an entry's key, valid until the next write. */
  key(address: number): Buffer {
    const { bytes, at } = this.#place(address);
    return bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + bytes.readUInt16LE(at + 12));
  }

  /** True when the entry has this key. */
  hasKey(address: number, key: Uint8Array): boolean {
    const { bytes, at } = this.#place(address);
    const start = at + HEADER_BYTES;
    return (
      bytes.readUInt16LE(at + 12) === key.length && bytes.compare(key, 0, key.length, start, start + key.length) === 0
    );
  }

  /** A view of an entry's value, valid until the next write. */
  value(address: number): Buffer {
    const { bytes, at } = this.#place(address);
    const start = at + HEADER_BYTES + bytes.readUInt16LE(at + 12);
    return bytes.subarray(start, start + bytes.readUInt32LE(at + 8));
  }

  timestamp(address: number): number {
    const { bytes, at } = this.#place(address);
    return bytes.readUIntLE(at + 14, 6) - 1;
  }

  #writeValue(bytes: Buffer, at: number, value: Uint8Array, timestamp: number): void {
    bytes.writeUInt32LE(value.length, at + 8);
    bytes.writeUIntLE(timestamp + 1, at + 14, 6);
    bytes.set(value, at + HEADER_BYTES + bytes.readUInt16LE(at + 12));
  }

  #place(address: number): { readonly bytes: Buffer; readonly at: number } {
    const slab = Math.floor(address / SLAB_UNITS);
    return { bytes: (this.#slabs[slab] as Slab).bytes, at: (address - slab * SLAB_UNITS) * UNIT };
  }

  #reserve(units: number): number {
    let slab = this.#slabs[this.#current] as Slab;
    if (slab.used + units > slab.bytes.length / UNIT || units > SLAB_UNITS) {
      // What is longer than a slab has one of its own, which nothing is put behind.
      const own = this.#take(Math.max(SLAB_UNITS, units));
      if (units <= SLAB_UNITS) this.#current = own;
      slab = this.#slabs[own] as Slab;
      slab.used = units;
      this.#used += units;
      return own * SLAB_UNITS;
    }
    const address = this.#current * SLAB_UNITS + slab.used;
    slab.used += units;
    this.#used += units;
    return address;
  }

  #take(units: number): number {
    const free = this.#free.pop();
    if (free === undefined) return this.#slabs.push(newSlab(units)) - 1;
    const slab = this.#slabs[free] as Slab;
    if (slab.bytes.length !== units * UNIT) slab.bytes = Buffer.allocUnsafeSlow(units * UNIT);
    return free;
  }

  #kill(address: number): void {
    const { bytes, at } = this.#place(address);
    const units = bytes.readUInt32LE(at + 4);
    bytes.writeUInt32LE(0, at);
    (this.#slabs[Math.floor(address / SLAB_UNITS)] as Slab).dead += units;
    this.#dead += units;
  }

  #emptyWorst(): void {
    let worst = -1;
    for (const [index, { dead, used }] of this.#slabs.entries()) {
      if (index !== this.#current && used > 0 && dead > (this.#slabs[worst]?.dead ?? 0)) worst = index;
    }
    const slab = this.#slabs[worst];
    if (slab === undefined) return;
    for (let unit = 0; unit < slab.used;) {
      const at = unit * UNIT;
      const slot = slab.bytes.readUInt32LE(at) - 1;
      const units = slab.bytes.readUInt32LE(at + 4);
      if (slot >= 0) this.#move(slab.bytes, at, units, slot);
      unit += units;
    }
    this.#used -= slab.used;
    this.#dead -= slab.dead;
    slab.used = 0;
    slab.dead = 0;
    if (slab.bytes.length > SLAB_UNITS * UNIT) slab.bytes = Buffer.alloc(0);
    this.#free.push(worst);
  }

  #move(from: Buffer, at: number, units: number, slot: number): void {
    const address = this.#reserve(units);
    const target = this.#place(address);
    from.copy(target.bytes, target.at, at, at + units * UNIT);
    this.#moved(slot, address);
  }
}
