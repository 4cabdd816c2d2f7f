import type { Logger } from '../../kafka/types.ts';

/** A line of the log is written at most this often while restoring. */
const LOG_INTERVAL_MS = 5_000;

/** A restore under way, as `restoreProgress()` and the log show it. */
export interface RestoreProgress {
  readonly topic: string;
  readonly partition: number;
  readonly store: string;
  readonly task: string;
  readonly restoredRecords: number;
  /** Offsets left to the end that was seen at its start; records may be fewer, the log is compacted. */
  readonly remainingOffsets: number;
  readonly recordsPerSecond: number;
  /** Milliseconds until the end at the rate so far; undefined before the first record. */
  readonly etaMs: number | undefined;
}

/** Counts one changelog partition's restore and writes its lines. */
export class RestoreMeter {
  readonly #place: Pick<RestoreProgress, 'topic' | 'partition' | 'store' | 'task'>;
  readonly #startOffset: number;
  readonly #endOffset: number;
  readonly #logger: Logger;
  readonly #startedAt = performance.now();
  #loggedAt = this.#startedAt;
  #records = 0;
  #position: number;

  constructor(
    place: Pick<RestoreProgress, 'topic' | 'partition' | 'store' | 'task'>,
    offsets: { start: number; end: number },
    logger: Logger,
  ) {
    this.#place = place;
    this.#startOffset = offsets.start;
    this.#position = offsets.start;
    this.#endOffset = offsets.end;
    this.#logger = logger;
    logger.info({ ...place, offsets: offsets.end - offsets.start }, 'restore started');
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** Offset up to which records have been applied. */
  get position(): number {
    return this.#position;
  }

  progress(): RestoreProgress {
    const { elapsedMs } = this;
    const read = this.#position - this.#startOffset;
    const remainingOffsets = Math.max(0, this.#endOffset - this.#position);
    return {
      ...this.#place,
      restoredRecords: this.#records,
      remainingOffsets,
      recordsPerSecond: Math.round((this.#records * 1_000) / Math.max(1, elapsedMs)),
      etaMs: read > 0 ? Math.round((remainingOffsets * elapsedMs) / read) : undefined,
    };
  }

  advance(records: number, position: number): void {
    this.#records += records;
    this.#position = position;
    const now = performance.now();
    if (now - this.#loggedAt < LOG_INTERVAL_MS) return;
    this.#loggedAt = now;
    this.#logger.info(this.progress(), 'restoring');
  }

  finish(): void {
    this.#logger.info({ ...this.progress(), elapsedMs: Math.round(this.elapsedMs) }, 'restore finished');
  }
}
