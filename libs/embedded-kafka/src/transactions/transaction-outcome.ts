import type { OffsetStore } from '../groups/offset-store.ts';
import type { PartitionLog } from '../storage/partition-log.ts';
import type { TopicStore } from '../storage/topic-store.ts';
import type { Transaction } from './transaction.ts';

/** Where transactions take effect. */
export interface Participants {
  readonly topics: Pick<TopicStore, 'log' | 'all'>;
  readonly offsets: Pick<OffsetStore, 'endPending'>;
}

/** How markers are written. */
export interface MarkerOptions {
  readonly nowMs: number;
  /** A try before may have written some of them: only where the transaction is still open. */
  readonly again: boolean;
}

/**
 * Writes the markers of a decided transaction into its partitions, those that nothing was produced to included, which fences there too; answers the logs.
 * A partition whose topic has been deleted is left out. Throws what the file system throws; then it is to be done again.
 */
export function writeMarkers(
  { producerId, producerEpoch, state, partitions }: Transaction,
  { topics }: Participants,
  { nowMs, again }: MarkerOptions,
): PartitionLog[] {
  const written: PartitionLog[] = [];
  for (const { topic, partition } of partitions) {
    const log = topics.log(topic, partition);
    if (log === undefined || log.closed) continue;
    if (again && !log.hasOpenTransaction(producerId)) continue;
    log.endTransaction({ producerId, producerEpoch, committed: state === 'PrepareCommit' }, nowMs);
    written.push(log);
  }
  return written;
}

/** Commits or drops the offsets of a decided transaction; may be done twice. Throws what the file system throws. */
export function endOffsets({ producerId, state, groups }: Transaction, { offsets }: Participants): void {
  for (const group of groups) offsets.endPending(group, producerId, state === 'PrepareCommit');
}

/**
 * Aborts what is open in a log although no transaction under way knows of it, such as after a power failure that took more of the transaction log than of the
 * partition: without a marker its readers of committed records would wait for ever. Answers how many there were.
 */
export function abortOrphans(transactions: readonly Transaction[], { topics }: Participants, nowMs: number): number {
  const alive = new Set<string>();
  for (const { state, producerId, partitions } of transactions) {
    if (state.startsWith('Complete') || state === 'Empty') continue;
    for (const { topic, partition } of partitions) alive.add(`${producerId} ${topic}/${partition}`);
  }
  let aborted = 0;
  for (const { name, logs } of topics.all()) {
    for (const [partition, log] of logs.entries()) {
      for (const { producerId, producerEpoch } of log.openTransactions()) {
        if (alive.has(`${producerId} ${name}/${partition}`)) continue;
        log.endTransaction({ producerId, producerEpoch, committed: false }, nowMs);
        aborted++;
      }
    }
  }
  return aborted;
}
