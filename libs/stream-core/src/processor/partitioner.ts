/** Kafka's 32-bit murmur2 with seed 0x9747b28c, as a signed integer like Java's. */
export function murmur2(bytes: Uint8Array, length: number): number {
  let hash = 0x9747b28c ^ length;
  const words = length & ~3;
  for (let at = 0; at < words; at += 4) {
    let word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    word = Math.imul(word, 0x5bd1e995);
    word = Math.imul(word ^ (word >>> 24), 0x5bd1e995);
    hash = Math.imul(hash, 0x5bd1e995) ^ word;
  }
  const rest = length & 3;
  if (rest === 3) hash ^= (bytes[words + 2] as number) << 16;
  if (rest >= 2) hash ^= (bytes[words + 1] as number) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ (bytes[words] as number), 0x5bd1e995);
  hash = Math.imul(hash ^ (hash >>> 13), 0x5bd1e995);
  return hash ^ (hash >>> 15);
}

/** The partition every Kafka client gives a serialised key by default; the first `length` bytes count. */
export function partitionForKey(key: Uint8Array, partitionCount: number, length: number = key.length): number {
  return (murmur2(key, length) & 0x7fffffff) % partitionCount;
}
