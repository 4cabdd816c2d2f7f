/** java.lang.String#hashCode. */
export function javaStringHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/**
 * The distinct strings in the order in which a java.util.HashSet, filled in the given order, iterates: by bucket, within a bucket by insertion. Kafka Streams' topology
 * description depends on it, and so must ours. (Buckets of eight and more, which Java turns into trees, do not occur with node names.)
 */
export function javaHashOrder(texts: Iterable<string>): string[] {
  const distinct = [...new Set(texts)];
  let capacity = 16;
  while (distinct.length > capacity * 0.75) capacity *= 2;
  const bucket = (text: string): number => {
    const hash = javaStringHash(text);
    return (hash ^ (hash >>> 16)) & (capacity - 1);
  };
  return distinct.sort((a, b) => bucket(a) - bucket(b));
}
