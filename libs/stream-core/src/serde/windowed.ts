/** A key and the window it belongs to. Time windows are [startMs, endMs), session and sliding windows include endMs. */
export class Windowed<K> {
  readonly key: K;
  readonly startMs: number;
  readonly endMs: number;

  constructor(key: K, startMs: number, endMs: number) {
    this.key = key;
    this.startMs = startMs;
    this.endMs = endMs;
  }

  /** `key@[start,end]`, milliseconds since the epoch. */
  toString(): string {
    return `${String(this.key)}@[${this.startMs},${this.endMs}]`;
  }
}
