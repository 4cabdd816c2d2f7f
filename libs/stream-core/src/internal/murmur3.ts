/** Seed of Kafka Streams (and of Hive, where it comes from). */
const SEED = 104_729;
const C1_HIGH = 0x87c37b91;
const C1_LOW = 0x114253d5;
const C2_HIGH = 0x4cf5ad43;
const C2_LOW = 0x2745937f;

/** An unsigned 64-bit number in two halves. */
class Uint64 {
  high = 0;
  low = 0;

  set(high: number, low: number): this {
    this.high = high >>> 0;
    this.low = low >>> 0;
    return this;
  }

  xor(high: number, low: number): this {
    return this.set(this.high ^ high, this.low ^ low);
  }

  add(high: number, low: number): this {
    const sum = this.low + low;
    return this.set(this.high + high + (sum > 0xffffffff ? 1 : 0), sum);
  }

  multiply(high: number, low: number): this {
    const a = this.low & 0xffff;
    const b = this.low >>> 16;
    const c = low & 0xffff;
    const d = low >>> 16;
    // 32 × 32 bits in four parts; what exceeds 32 bits carries into the upper half.
    const middle = a * d + ((a * c) >>> 16);
    const middle2 = b * c + (middle & 0xffff);
    const carry = b * d + Math.floor(middle / 0x10000) + Math.floor(middle2 / 0x10000);
    const product = (middle2 & 0xffff) * 0x10000 + ((a * c) & 0xffff);
    return this.set(carry + Math.imul(this.high, low) + Math.imul(this.low, high), product);
  }

  rotateLeft(bits: number): this {
    const { high, low } = this;
    if (bits === 32) return this.set(low, high);
    if (bits < 32) return this.set((high << bits) | (low >>> (32 - bits)), (low << bits) | (high >>> (32 - bits)));
    const rest = bits - 32;
    return this.set((low << rest) | (high >>> (32 - rest)), (high << rest) | (low >>> (32 - rest)));
  }

  /** The final avalanche. */
  mix(): this {
    return this.foldHigh().multiply(0xff51afd7, 0xed558ccd).foldHigh().multiply(0xc4ceb9fe, 0x1a85ec53).foldHigh();
  }

  /** this ^= this >>> 33. */
  private foldHigh(): this {
    return this.set(this.high, this.low ^ (this.high >>> 1));
  }
}

const h1 = new Uint64();
const h2 = new Uint64();
const k1 = new Uint64();
const k2 = new Uint64();

/** Murmur3 in its 128-bit form for 64-bit machines, with Kafka Streams' seed: 16 bytes, both halves big-endian. */
export function murmur3(bytes: Uint8Array): Buffer {
  const { length } = bytes;
  const whole = length & ~15;
  h1.set(0, SEED);
  h2.set(0, SEED);
  for (let at = 0; at < whole; at += 16) {
    mixFirst(readHalf(bytes, at + 4, 4), readHalf(bytes, at, 4));
    h1.rotateLeft(27).add(h2.high, h2.low).multiply(0, 5).add(0, 0x52dce729);
    mixSecond(readHalf(bytes, at + 12, 4), readHalf(bytes, at + 8, 4));
    h2.rotateLeft(31).add(h1.high, h1.low).multiply(0, 5).add(0, 0x38495ab5);
  }
  const rest = length - whole;
  if (rest > 8) mixSecond(readHalf(bytes, whole + 12, rest - 12), readHalf(bytes, whole + 8, rest - 8));
  if (rest > 0) mixFirst(readHalf(bytes, whole + 4, rest - 4), readHalf(bytes, whole, rest));
  h1.xor(0, length);
  h2.xor(0, length);
  h1.add(h2.high, h2.low);
  h2.add(h1.high, h1.low);
  h1.mix();
  h2.mix();
  h1.add(h2.high, h2.low);
  h2.add(h1.high, h1.low);
  const hash = Buffer.alloc(16);
  hash.writeUInt32BE(h1.high, 0);
  hash.writeUInt32BE(h1.low, 4);
  hash.writeUInt32BE(h2.high, 8);
  hash.writeUInt32BE(h2.low, 12);
  return hash;
}

function mixFirst(high: number, low: number): void {
  k1.set(high, low).multiply(C1_HIGH, C1_LOW).rotateLeft(31).multiply(C2_HIGH, C2_LOW);
  h1.xor(k1.high, k1.low);
}

function mixSecond(high: number, low: number): void {
  k2.set(high, low).multiply(C2_HIGH, C2_LOW).rotateLeft(33).multiply(C1_HIGH, C1_LOW);
  h2.xor(k2.high, k2.low);
}

/** Up to four bytes, little-endian; `count` may be less than one. */
function readHalf(bytes: Uint8Array, at: number, count: number): number {
  let half = 0;
  for (let i = Math.min(count, 4) - 1; i >= 0; i--) half = (half << 8) | (bytes[at + i] as number);
  return half >>> 0;
}
