/**
 * Tells how far a partition's log contains what this producer appended up to a point. Made for changelogs: a state is
 * stored with the offset up to which it contains its changelog, and that must leave out no record of anybody else.
 */
export class PartitionFollower {
  /** A record of somebody else lies between ours, or the fate of one of ours is not known: no offset can be told any more. */
  isBroken = false;
  readonly #refusesGaps: boolean;
  /** Where the next record has to be. */
  #next: number;
  #appended = 0;
  #acknowledged = 0;
  #sealed = 0;
  #sealedEnd: number;

  /** `offset`: the log's end now. `refusesGaps`: false under transactions, whose markers lie between the records and which keep strangers out. */
  constructor(offset: number, refusesGaps: boolean) {
    this.#next = offset;
    this.#sealedEnd = offset;
    this.#refusesGaps = refusesGaps;
  }

  /** Something of ours has been written since the beginning. */
  get hasWritten(): boolean {
    return this.#acknowledged > 0;
  }

  appended(): void {
    this.#appended++;
  }

  /** `baseOffset` −1: not known. */
  acknowledged(baseOffset: number, count: number): void {
    if (baseOffset < 0 || (this.#refusesGaps && baseOffset !== this.#next)) this.isBroken = true;
    const before = this.#acknowledged;
    this.#acknowledged += count;
    this.#next = baseOffset + count;
    if (before < this.#sealed) this.#sealedEnd = baseOffset + Math.min(count, this.#sealed - before);
  }

  /** Notes what has been appended so far as what `sealedEnd` is about. */
  seal(): void {
    this.#sealed = this.#appended;
    if (this.#acknowledged === this.#appended) this.#sealedEnd = this.#next;
  }

  /** The offset after the last record appended before `seal`; undefined while one of them is not acknowledged, and when it is not known. */
  get sealedEnd(): number | undefined {
    return this.isBroken || this.#acknowledged < this.#sealed ? undefined : this.#sealedEnd;
  }
}
