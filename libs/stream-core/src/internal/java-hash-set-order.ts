/** java.util.Arrays#hashCode of bytes given as latin1 text. */
export function javaBytesHash(latin1: string): number {
  let hash = 1;
  for (let i = 0; i < latin1.length; i++) hash = (Math.imul(hash, 31) + ((latin1.charCodeAt(i) << 24) >> 24)) | 0;
  return hash;
}

/**
 * The order in which a java.util.HashSet of byte arrays, filled, read and cleared over and over, gives them: by bucket, within a bucket by insertion. Its table only grows, also when it is
 * cleared. (Buckets of eight and more, which Java turns into trees, are not modelled.)
 */
export class JavaHashSetOrder {
  #capacity = 16;

  /** The distinct texts of one filling, given in the order of insertion. */
  sort(distinct: string[]): string[] {
    while (distinct.length > this.#capacity * 0.75) this.#capacity *= 2;
    if (distinct.length < 2) return distinct;
    const bucket = (text: string): number => {
      const hash = javaBytesHash(text);
      return (hash ^ (hash >>> 16)) & (this.#capacity - 1);
    };
    return distinct.sort((a, b) => bucket(a) - bucket(b));
  }
}
