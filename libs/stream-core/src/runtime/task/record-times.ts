/** The timestamps of the records that one call of `StreamTask.process` has taken: enough for their mean and greatest age at its end. */
export class RecordTimes {
  count = 0;
  firstMs = 0;
  lastMs = 0;
  minMs = 0;
  maxMs = 0;
  /** Sum of what each is later than the first; a sum of the times themselves would outgrow exact numbers. */
  sumAfterFirstMs = 0;

  reset(): void {
    this.count = 0;
    this.sumAfterFirstMs = 0;
  }

  note(timestampMs: number): void {
    if (this.count === 0) {
      this.firstMs = timestampMs;
      this.minMs = timestampMs;
      this.maxMs = timestampMs;
    } else if (timestampMs < this.minMs) this.minMs = timestampMs;
    else if (timestampMs > this.maxMs) this.maxMs = timestampMs;
    this.count++;
    this.lastMs = timestampMs;
    this.sumAfterFirstMs += timestampMs - this.firstMs;
  }
}
