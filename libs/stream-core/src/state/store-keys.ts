import type { Codec } from '../serde/serde.ts';
import { encode } from '../serde/serde.ts';

/** A key in a form that a Map can compare. */
export type MapKey = unknown;

/** Turns keys of a store into what a Map compares: themselves where `===` is enough, else the text of their bytes. */
export class StoreKeys<K> {
  readonly codec: Codec<K>;
  readonly #byIdentity: boolean;

  constructor(codec: Codec<K>) {
    this.codec = codec;
    this.#byIdentity = codec.comparesByIdentity === true;
  }

  mapKey(key: K): MapKey {
    return this.#byIdentity ? key : this.order(key);
  }

  /** A text that sorts as the serialised key does, byte by byte. */
  order(key: K): string {
    const bytes = encode(this.codec, key);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  }
}

/** Sorts by `order` texts. */
export const compareOrder = (a: { readonly order: string }, b: { readonly order: string }): number =>
  a.order < b.order ? -1 : a.order > b.order ? 1 : 0;

/** Index of the first element whose order is at least `order` (`after`: greater than it). */
export function boundOf(sorted: readonly { readonly order: string }[], order: string, after: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = (sorted[middle] as { order: string }).order;
    if (at < order || (after && at === order)) low = middle + 1;
    else high = middle;
  }
  return low;
}
