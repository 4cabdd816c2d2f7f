const INITIAL_BYTES = 256;
/** Views up to this length are kept; longer ones are made anew, so the table of views is bounded. */
const MAX_KEPT_VIEW_BYTES = 1024;
/** Up to here a loop is faster than the call into the runtime. */
const MAX_LOOP_BYTES = 32;

/** Memory that is written over and over, with one view per length: what is built in it costs no allocation. A view is valid until the next write. */
export class Scratch {
  #bytes = Buffer.alloc(INITIAL_BYTES);
  #views: (Buffer | undefined)[] = [];

  /** At least `length` bytes to write to. */
  reserve(length: number): Buffer {
    if (length > this.#bytes.length) {
      this.#bytes = Buffer.alloc(Math.max(length, this.#bytes.length * 2));
      this.#views = [];
    }
    return this.#bytes;
  }

  /** As `reserve` of `bytes` and `more` bytes, with `bytes` at its beginning. */
  begin(bytes: Uint8Array, more: number): Buffer {
    const { length } = bytes;
    const target = this.reserve(length + more);
    if (length > MAX_LOOP_BYTES) target.set(bytes);
    else for (let i = 0; i < length; i++) target[i] = bytes[i] as number;
    return target;
  }

  /** The first `length` bytes. */
  view(length: number): Buffer {
    const kept = this.#views[length];
    if (kept !== undefined) return kept;
    const view = this.#bytes.subarray(0, length);
    if (length <= MAX_KEPT_VIEW_BYTES) this.#views[length] = view;
    return view;
  }
}
