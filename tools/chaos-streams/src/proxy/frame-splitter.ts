const LENGTH_BYTES = 4;

/** Cuts a stream of bytes into the frames of the Kafka protocol, each with its length in front. */
export class FrameSplitter {
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Bytes of the frame that is arriving; unknown before its length has. */
  #needed = LENGTH_BYTES;
  #isLengthKnown = false;

  /** The frames that `chunk` completes. */
  *push(chunk: Buffer): Generator<Buffer> {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes >= this.#needed) {
      const whole = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
      if (!this.#isLengthKnown) {
        this.#chunks = [whole];
        this.#needed = LENGTH_BYTES + whole.readInt32BE(0);
        this.#isLengthKnown = true;
        continue;
      }
      const rest = whole.subarray(this.#needed);
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#bytes = rest.length;
      yield whole.subarray(0, this.#needed);
      this.#needed = LENGTH_BYTES;
      this.#isLengthKnown = false;
    }
  }
}
