import { ErrorCode } from '@playhead/kafka-protocol';
import type { Cluster } from './cluster.ts';
import { BrokerError, brokerError } from './errors.ts';
import type { FetchLeader } from './fetch-leader.ts';
import type { FetchLoops } from './fetch-loops.ts';
import type { FetchPartition } from './fetch-partition.ts';
import { backoffMs, pause } from './retry.ts';

/** Keeps each partition with the broker that leads it, and looks for the leader while there is none. */
export class FetchPlacement {
  readonly #cluster: Cluster;
  readonly #loops: FetchLoops;
  readonly #signal: AbortSignal;
  /** Told of what no search will mend. */
  readonly #fail: (partition: FetchPartition, error: unknown) => void;
  /** Where each partition is fetched from; one that is not in it is being located, or has failed. */
  readonly #leaders = new Map<FetchPartition, FetchLeader>();

  constructor(
    cluster: Cluster,
    loops: FetchLoops,
    signal: AbortSignal,
    fail: (partition: FetchPartition, error: unknown) => void,
  ) {
    this.#cluster = cluster;
    this.#loops = loops;
    this.#signal = signal;
    this.#fail = fail;
  }

  /** At once where the leader is known. */
  place(partitions: readonly FetchPartition[]): void {
    const unplaced = partitions.filter((partition) => !this.#tryPlace(partition));
    if (unplaced.length > 0) void this.#locate(unplaced);
  }

  /** It is no longer fetched. */
  remove(partition: FetchPartition): void {
    this.#leaders.get(partition)?.remove(partition);
    this.#leaders.delete(partition);
  }

  /** A fetch failed in a way that passes: looks where the partitions are led now, the longer they fail the slower. */
  replace(partitions: readonly FetchPartition[], error: BrokerError): void {
    for (const partition of partitions) {
      this.remove(partition);
      partition.failures++;
      this.#report(partition, partition.failures, error);
    }
    if (partitions.length > 0) void this.#locate(partitions);
  }

  /** More of the partition may be fetched than before. */
  wake(partition: FetchPartition): void {
    this.#leaders.get(partition)?.wake();
  }

  /** Says that a partition is well again, if it was ever said that it was not. */
  noteAnswered(partition: FetchPartition): void {
    if (!partition.isReported) return;
    partition.isReported = false;
    this.#cluster.logger.info(placeOf(partition), 'partition is read again');
  }

  clear(): void {
    this.#leaders.clear();
  }

  /** One line per partition that has a trouble of its own: the first two failures pass in every election, and that a broker is away is said once for all. */
  #report(partition: FetchPartition, failures: number, error: BrokerError): void {
    if (failures < 3 || partition.isReported || error.brokerCode === undefined) return;
    partition.isReported = true;
    this.#cluster.logger.warn({ ...placeOf(partition), reason: error.reason }, 'partition cannot be read now');
  }

  /** Never rejects: tries until every partition has a leader, is gone, or has an error of its own. */
  async #locate(partitions: readonly FetchPartition[]): Promise<void> {
    let left = partitions;
    for (let attempt = Math.max(...left.map(({ failures }) => failures)); left.length > 0; attempt++) {
      if (attempt > 1) await pause(backoffMs(attempt - 1), this.#signal);
      left = left.filter(({ gone }) => !gone);
      const failure = await this.#cluster.refresh(new Set(left.map(({ topic }) => topic))).then(
        () => undefined,
        (error: unknown) => error,
      );
      left = left.filter((partition) => !partition.gone && !this.#settle(partition, failure));
      if (failure !== undefined) continue;
      for (const partition of left) {
        this.#report(partition, attempt, brokerError(ErrorCode.LEADER_NOT_AVAILABLE, 'metadata'));
      }
    }
  }

  /** True when there is nothing more to locate. */
  #settle(partition: FetchPartition, failure: unknown): boolean {
    const topicError = this.#cluster.metadata.topic(partition.topic)?.errorCode ?? 0;
    const error = failure ?? (topicError === 0 ? undefined : brokerError(topicError, 'metadata', placeOf(partition)));
    if (error === undefined) return this.#tryPlace(partition);
    if (error instanceof BrokerError && error.retriable) return false;
    this.#fail(partition, error);
    return true;
  }

  #tryPlace(partition: FetchPartition): boolean {
    const address = this.#cluster.metadata.leaderOf(partition.topic, partition.partition);
    if (address === undefined) return false;
    const leader = this.#loops.leaderAt(address);
    this.#leaders.set(partition, leader);
    leader.add(partition);
    return true;
  }
}

/** Where an error or a log line belongs. */
export function placeOf({ topic, partition, fetchOffset }: FetchPartition) {
  return { topic, partition, offset: fetchOffset };
}
