/** Waiting until Kafka has everything that was produced so far, driven by the producer's own answers. */

import { QueryError } from './query-error.ts';

/** Questions that may wait for Kafka at once; more are refused. */
export const MAX_WAITING_FOR_ACKNOWLEDGEMENT = 10_000;

/** The part of `BatchProducer` that is watched. */
export interface AcknowledgingProducer {
  readonly position: number;
  readonly acknowledged: number;
  readonly error: Error | undefined;
  /** Somebody waits for what was appended. */
  hurry(): void;
}

interface Waiter {
  readonly mark: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Waiters in the order of their marks: marks only grow, so the first one is always due first. */
export class Acknowledgements {
  readonly #producer: AcknowledgingProducer;
  readonly #waiters: Waiter[] = [];

  constructor(producer: AcknowledgingProducer) {
    this.#producer = producer;
  }

  /** Resolves when everything appended before this call is acknowledged; rejects with the producer's error or `rejectAll`'s. */
  upToNow(): Promise<void> {
    const mark = this.#producer.position;
    if (this.#producer.error !== undefined) return Promise.reject(this.#producer.error);
    if (this.#producer.acknowledged >= mark) return Promise.resolve();
    if (this.#waiters.length >= MAX_WAITING_FOR_ACKNOWLEDGEMENT) {
      const message = `${this.#waiters.length} questions wait for acknowledgements already; allowed: ${MAX_WAITING_FOR_ACKNOWLEDGEMENT}`;
      return Promise.reject(new QueryError('NOT_AVAILABLE', message, { store: '' }));
    }
    this.#producer.hurry();
    return new Promise((resolve, reject) => this.#waiters.push({ mark, resolve, reject }));
  }

  /** To be called after each of the producer's answers. */
  onProgress(): void {
    const { error, acknowledged } = this.#producer;
    if (error !== undefined) {
      this.rejectAll(error);
      return;
    }
    let due = 0;
    while (due < this.#waiters.length && (this.#waiters[due] as Waiter).mark <= acknowledged) due++;
    for (const waiter of this.#waiters.splice(0, due)) waiter.resolve();
  }

  rejectAll(error: Error): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}
