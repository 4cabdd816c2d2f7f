const PAGE_BYTES = 64 * 1024;

/** Memory that bytes are copied into one after another: a copy makes no object of its own. A page lives as long as something that was copied into it is in use. */
export class BytePages {
  /** Where the last `reserve` made room, at `start`. */
  page: Buffer = Buffer.allocUnsafeSlow(PAGE_BYTES);
  start = 0;
  #end = 0;

  /** Makes room for `length` bytes in one piece. */
  reserve(length: number): void {
    if (this.#end + length > this.page.length) {
      this.page = Buffer.allocUnsafeSlow(Math.max(PAGE_BYTES, length));
      this.#end = 0;
    }
    this.start = this.#end;
    this.#end += length;
  }
}
