import type { Clock } from '../groups/clock.ts';
import type { BrokerLogger } from '../logger.ts';
import { completed, logFields, type Transaction } from './transaction.ts';
import { endOffsets, writeMarkers, type Participants } from './transaction-outcome.ts';
import type { TransactionStore } from './transaction-store.ts';

/** What it takes to carry transactions out. */
export interface DecidedTransactionsOptions {
  readonly participants: Participants;
  readonly store: Pick<TransactionStore, 'save'>;
  readonly logger: BrokerLogger;
  readonly clock: Clock;
  /** Force markers to the disk before their transaction counts as complete. */
  readonly sync: boolean;
  /** Between two tries of what the disk refuses. */
  readonly retryMs: number;
}

/** Carries out what has been decided and stored; what the disk refuses is tried again until it takes it. */
export class DecidedTransactions {
  readonly #options: DecidedTransactionsOptions;
  /** What ends each retry that is to come. */
  readonly #retries = new Set<() => void>();
  #closed = false;

  constructor(options: DecidedTransactionsOptions) {
    this.#options = options;
  }

  /**
   * Markers first, then offsets, then the entry that says so; with `sync` the markers are on the disk before it. `again` says that a try before, be it in
   * a previous life, may have written some of them. Answers when this try is over, at once without `sync`; never throws or rejects for a full disk.
   */
  carryOut(decided: Transaction, again: boolean): void | Promise<void> {
    const { participants, clock, sync } = this.#options;
    try {
      const logs = writeMarkers(decided, participants, { nowMs: clock.now(), again });
      if (!sync) return this.#complete(decided);
      const onDisk = Promise.all(logs.filter((log) => !log.closed).map((log) => log.sync()));
      return onDisk.then(() => this.#complete(decided)).catch((error: unknown) => this.#tryLater(decided, error));
    } catch (error) {
      this.#tryLater(decided, error);
    }
  }

  /** Stops the retries; what is being forced to the disk is left for the next start to complete. */
  close(): void {
    this.#closed = true;
    for (const cancel of this.#retries) cancel();
    this.#retries.clear();
  }

  #complete(decided: Transaction): void {
    if (this.#closed) return;
    const { participants, store, clock } = this.#options;
    endOffsets(decided, participants);
    store.save(completed(decided, clock.now()));
  }

  #tryLater(decided: Transaction, error: unknown): void {
    if (this.#closed) return;
    const { logger, clock, retryMs } = this.#options;
    const reason = String(error);
    logger.error('a decided transaction could not be carried out yet', { ...logFields(decided), reason });
    const cancel = clock.after(retryMs, () => {
      this.#retries.delete(cancel);
      void this.carryOut(decided, true);
    });
    this.#retries.add(cancel);
  }
}
