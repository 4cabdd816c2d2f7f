import type { BrokerAddress } from './broker-address.ts';
import type { FetchPartition } from './fetch-partition.ts';

/** A lane's request that is out so long waits for data that does not come soon. */
const SOON_MS = 5;

/** A broker and the partitions that are read from it. */
export class FetchLeader {
  readonly address: BrokerAddress;
  /** In the order in which the broker shall serve them: who got data goes to the end. */
  readonly #partitions = new Set<FetchPartition>();
  /** One per idle lane. */
  #sleepers: (() => void)[] = [];
  /** By lane: when its request went out, while it is. */
  readonly #outSinceMs = new Map<number, number>();
  /** One per lane that waits for another one to be back. */
  #waitingForOthers: (() => void)[] = [];

  constructor(address: BrokerAddress) {
    this.address = address;
  }

  add(partition: FetchPartition): void {
    this.#partitions.add(partition);
    this.wake();
  }

  remove(partition: FetchPartition): void {
    this.#partitions.delete(partition);
  }

  moveToEnd(partition: FetchPartition): void {
    if (this.#partitions.delete(partition)) this.#partitions.add(partition);
  }

  /** Marks and returns the partitions that may be fetched now. */
  claim(maxBufferedPartitionBytes: number): FetchPartition[] {
    const claimed: FetchPartition[] = [];
    for (const partition of this.#partitions) {
      if (partition.inFlight || partition.paused || partition.bufferedBytes >= maxBufferedPartitionBytes) continue;
      partition.inFlight = true;
      claimed.push(partition);
    }
    return claimed;
  }

  /** A lane's request goes out. */
  sent(lane: number, nowMs: number): void {
    this.#outSinceMs.set(lane, nowMs);
  }

  /** … and its answer is looked through, or it has failed. */
  returned(lane: number): void {
    this.#outSinceMs.delete(lane);
  }

  /**
   * Resolves when a lane whose request went out just now is back and has claimed what it may, the partitions of the caller
   * with its own; at once when there is none, at the latest when its request is no longer out just now. Without it two
   * lanes that share the partitions once would share them for good, with twice the requests.
   */
  othersBack(nowMs: number): Promise<void> {
    const leftMs = Math.max(...this.#outSinceMs.values()) + SOON_MS - nowMs;
    if (leftMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, leftMs);
      this.#waitingForOthers.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Whoever waits for the lanes that were out waits no longer. */
  releaseWaiting(): void {
    if (this.#waitingForOthers.length === 0) return;
    const waiting = this.#waitingForOthers;
    this.#waitingForOthers = [];
    for (const release of waiting) release();
  }

  /** Resolves at the next `wake`. */
  asleep(): Promise<void> {
    return new Promise((resolve) => this.#sleepers.push(resolve));
  }

  /** Something may be fetched that could not before. */
  wake(): void {
    if (this.#sleepers.length === 0) return;
    const sleepers = this.#sleepers;
    this.#sleepers = [];
    for (const resolve of sleepers) resolve();
  }
}
