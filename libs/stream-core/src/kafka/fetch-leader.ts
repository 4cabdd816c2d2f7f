import type { BrokerAddress } from './broker-address.ts';
import type { FetchPartition } from './fetch-partition.ts';

/** A broker and the partitions that are read from it. */
export class FetchLeader {
  readonly address: BrokerAddress;
  /** In the order in which the broker shall serve them: who got data goes to the end. */
  readonly #partitions = new Set<FetchPartition>();
  /** One per idle lane. */
  #sleepers: (() => void)[] = [];

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
