import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BrokerLogger } from '../../logger.ts';
import type { PartitionLog } from '../partition-log.ts';
import type { TopicStore } from '../topic-store.ts';
import { findCleanable, shouldCloseOpenSegment, type Cleanable } from './cleanable.ts';
import { readCleanerCheckpoint, writeCleanerCheckpoint, type CleanerCheckpoint } from './cleaner-checkpoint.ts';
import { compact, CompactionInterrupted } from './compaction-pass.ts';
import { KeyOffsets } from './key-offsets.ts';
import { TimeSlice } from './time-slice.ts';

/** When compaction runs and what it may take. */
export interface LogCleanerOptions {
  readonly intervalMs: number;
  /** Memory for the latest offsets of keys while a pass runs; a log with more keys than that holds is compacted in several passes. */
  readonly maxMapBytes: number;
  readonly logger: BrokerLogger;
  now(): number;
}

interface Candidate {
  readonly topic: string;
  readonly partition: number;
  readonly log: PartitionLog;
  readonly cleanable: Cleanable;
}

/**
 * Compacts the logs of topics with `cleanup.policy=compact`, one at a time, the one with the greatest dirty ratio first. It works in slices of a
 * millisecond and rests four times as long after each, so that requests hardly notice it.
 */
export class LogCleaner {
  readonly #topics: TopicStore;
  readonly #options: LogCleanerOptions;
  /** How far each log has been compacted; read from its directory when it is first looked at. */
  readonly #checkpoints = new WeakMap<PartitionLog, CleanerCheckpoint>();
  /** Made for the first pass and kept: one for each would be garbage faster than it is collected. */
  #latest: KeyOffsets | null = null;
  #timer: NodeJS.Timeout | null = null;
  readonly #stopping = new AbortController();
  #running: Promise<void> | null = null;

  constructor(topics: TopicStore, options: LogCleanerOptions) {
    this.#topics = topics;
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.run(), this.#options.intervalMs);
    this.#timer.unref();
  }

  /** Compacts whatever is due; a round that is under way is joined instead. */
  run(): Promise<void> {
    this.#running ??= this.#round().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Ends a pass that is under way at the next batch. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#running;
  }

  async #round(): Promise<void> {
    const failed = new Set<PartitionLog>();
    for (;;) {
      const candidate = this.#stopping.signal.aborted ? null : await this.#mostUrgent(failed);
      if (candidate === null) return;
      if (!(await this.#compact(candidate))) failed.add(candidate.log);
    }
  }

  /** The candidate that is to be compacted next, or null; logs that cannot even be looked at join `failed`. */
  async #mostUrgent(failed: Set<PartitionLog>): Promise<Candidate | null> {
    let found: Candidate | null = null;
    for (const { name: topic, logs } of this.#topics.all()) {
      await nextTurn();
      for (const [partition, log] of logs.entries()) {
        if (!log.config.compact || log.closed || failed.has(log)) continue;
        try {
          const cleanable = this.#findCleanable(log);
          if (cleanable !== null && cleanable.urgency > (found?.cleanable.urgency ?? 0))
            found = { topic, partition, log, cleanable };
        } catch (error) {
          failed.add(log);
          this.#warn({ topic, partition, log }, error);
        }
      }
    }
    return found;
  }

  #findCleanable(log: PartitionLog): Cleanable | null {
    if (shouldCloseOpenSegment(log)) log.closeOpenSegment();
    return findCleanable(log, this.#checkpoint(log), this.#options.now());
  }

  #checkpoint(log: PartitionLog): CleanerCheckpoint {
    let checkpoint = this.#checkpoints.get(log);
    if (checkpoint === undefined) this.#checkpoints.set(log, (checkpoint = readCleanerCheckpoint(log.directory)));
    return checkpoint;
  }

  /** False when the log is not to be tried again in this round. */
  async #compact({ topic, partition, log, cleanable }: Candidate): Promise<boolean> {
    const latest = (this.#latest ??= new KeyOffsets(this.#options.maxMapBytes));
    const { logger, now } = this.#options;
    const { signal } = this.#stopping;
    const slice = new TimeSlice(signal);
    const bytesBefore = log.sizeBytes;
    try {
      const checkpoint = await compact(log, cleanable, { latest, slice, nowMs: now(), signal });
      this.#checkpoints.set(log, checkpoint);
      writeCleanerCheckpoint(log.directory, checkpoint);
      logger.info('log compacted', {
        topic,
        partition,
        bytesBefore,
        bytes: log.sizeBytes,
        keys: latest.count,
        upTo: checkpoint.firstDirtyOffset,
        longestSliceMs: Math.round(slice.longestMs),
      });
      return checkpoint.latestHorizonMs < 0 || checkpoint.latestHorizonMs > now();
    } catch (error) {
      if (!(error instanceof CompactionInterrupted)) this.#warn({ topic, partition, log }, error);
      return false;
    }
  }
  /** A log that was closed or deleted has nothing to complain of. */
  #warn({ topic, partition, log }: Omit<Candidate, 'cleanable'>, error: unknown): void {
    if (log.closed) return;
    this.#options.logger.warn('a log could not be compacted', { topic, partition, error: String(error) });
  }
}
