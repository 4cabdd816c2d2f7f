/** Kafka's 32-bit murmur2 with seed 0x9747b28c, as a signed integer like the Java client's. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  let hash = 0x9747b28c ^ length;
  const words = length & ~3;
  for (let at = 0; at < words; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    word = Math.imul(word, 0x5bd1e995);
    word ^= word >>> 24;
    word = Math.imul(word, 0x5bd1e995);
    hash = Math.imul(hash, 0x5bd1e995) ^ word;
  }
  const rest = length & 3;
  if (rest === 3) hash ^= bytes[words + 2]! << 16;
  if (rest >= 2) hash ^= bytes[words + 1]! << 8;
  if (rest >= 1) hash = Math.imul(hash ^ bytes[words]!, 0x5bd1e995);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0x5bd1e995);
  return hash ^ (hash >>> 15);
}

/** The partition that every Kafka client gives a key by default: equal keys, equal partition, as long as the count stays. */
export function partitionOfKey(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount;
}
