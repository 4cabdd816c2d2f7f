/**
 * How far a task has read its inputs, and who waits for it. Waiters are resolved by the task's own progress, so a
 * waiting question costs nothing until its record has been processed: no timer polls.
 */
import { QueryError } from './query-error.ts';
import type { LogPosition, Position } from './query-types.ts';

interface Waiter {
  readonly offset: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface Input {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the next record to process. */
  next: number;
  /** By descending offset: the last one is due first. */
  readonly waiters: Waiter[];
}

/** Questions that one task lets wait; more are refused. */
export const MAX_WAITING_QUERIES = 10_000;

/** The positions of one task. All methods are synchronous; `reached` gives a promise. */
export class TaskProgress {
  readonly #inputs: Input[] = [];
  #waiting = 0;
  #closedBy: Error | undefined;

  /** Number of questions waiting. */
  get waiters(): number {
    return this.#waiting;
  }

  /** Says that everything below `nextOffset` has been processed, and wakes whoever waited for it. */
  advance(topic: string, partition: number, nextOffset: number): void {
    const input = this.#inputOf(topic, partition);
    if (nextOffset <= input.next) return;
    input.next = nextOffset;
    for (let last = input.waiters.at(-1); last !== undefined && last.offset < nextOffset; last = input.waiters.at(-1)) {
      input.waiters.pop();
      this.#waiting--;
      last.resolve();
    }
  }

  hasReached(bound: LogPosition): boolean {
    return this.#inputOf(bound.topic, bound.partition).next > bound.offset;
  }

  /** Resolves when `bound` has been processed; rejects with `close`'s error, or with the signal's reason. */
  reached(bound: LogPosition, signal: AbortSignal): Promise<void> {
    if (this.#closedBy !== undefined) return Promise.reject(this.#closedBy);
    if (this.hasReached(bound)) return Promise.resolve();
    if (this.#waiting >= MAX_WAITING_QUERIES) {
      const message = `${this.#waiting} questions wait for this task already; allowed: ${MAX_WAITING_QUERIES}`;
      return Promise.reject(new QueryError('NOT_AVAILABLE', message, { store: '', partition: bound.partition }));
    }
    const input = this.#inputOf(bound.topic, bound.partition);
    return new Promise((resolve, reject) => {
      const waiter = { offset: bound.offset, resolve: settle(resolve), reject: settle(reject) };
      const abort = (): void => {
        const index = input.waiters.indexOf(waiter);
        if (index < 0) return;
        input.waiters.splice(index, 1);
        this.#waiting--;
        reject(signal.reason as Error);
      };
      function settle<A extends unknown[]>(settler: (...values: A) => void): (...values: A) => void {
        return (...values) => {
          signal.removeEventListener('abort', abort);
          settler(...values);
        };
      }
      signal.addEventListener('abort', abort, { once: true });
      insertByOffset(input.waiters, waiter);
      this.#waiting++;
    });
  }

  /** Last processed offset of every input. */
  position(): Position {
    return this.#inputs.map(({ topic, partition, next }) => ({ topic, partition, offset: next - 1 }));
  }

  /** Rejects everyone who waits, now and later: the task leaves this instance. */
  close(error: Error): void {
    this.#closedBy = error;
    for (const input of this.#inputs) {
      for (const waiter of input.waiters.splice(0)) waiter.reject(error);
    }
    this.#waiting = 0;
  }

  #inputOf(topic: string, partition: number): Input {
    for (const input of this.#inputs) if (input.partition === partition && input.topic === topic) return input;
    const input: Input = { topic, partition, next: 0, waiters: [] };
    this.#inputs.push(input);
    return input;
  }
}

function insertByOffset(waiters: Waiter[], waiter: Waiter): void {
  let index = waiters.length;
  while (index > 0 && (waiters[index - 1] as Waiter).offset < waiter.offset) index--;
  waiters.splice(index, 0, waiter);
}
