/**
 * Whether a task should wait for an input whose queue is empty before it takes the record with the smallest timestamp of
 * the others (`max.task.idle.ms`): one that is on its way might be earlier.
 *
 *     end unknown, or more in the log ─▶ wait      read to its end ─▶ wait maxTaskIdleMs from then on ─▶ go on without it
 */
import type { Fetcher } from '../kafka/fetcher.ts';
import type { TopicPartition } from '../kafka/types.ts';

/** What decides about waiting. */
export interface InputWaitsOptions {
  readonly fetcher: Pick<Fetcher, 'position'>;
  /** −1: never wait. 0: only for what is known to be in the log. More: this long for an input that has been read to its end, too. */
  readonly maxTaskIdleMs: number;
  /** Tasks hold as many bytes as they may, so that nothing arrives that could be waited for. */
  readonly isFull: () => boolean;
  readonly clock: () => number;
}

interface Idle {
  /** Where the input ended when it became idle: when it has gone on, the wait is another one. */
  readonly offset: number;
  readonly untilMs: number;
}

/** The waits of an instance's tasks. */
export class InputWaits {
  readonly #options: InputWaitsOptions;
  /** By partition; at most one of each input. */
  readonly #idle = new Map<string, Idle>();

  constructor(options: InputWaitsOptions) {
    this.#options = options;
  }

  /** To be asked for inputs whose queue is empty. */
  awaitsMore(input: TopicPartition): boolean {
    const { fetcher, maxTaskIdleMs, isFull, clock } = this.#options;
    if (maxTaskIdleMs < 0 || isFull()) return false;
    const at = fetcher.position(input);
    if (at === undefined) return false;
    if (at.end < 0 || at.offset < at.end) return true;
    return maxTaskIdleMs > 0 && clock() < this.#idleUntil(input, at.offset);
  }

  /** Earliest time at which a wait for an idle input ends that has not ended yet; Infinity: none. */
  nextEndMs(): number {
    const nowMs = this.#options.clock();
    let earliest = Infinity;
    for (const { untilMs } of this.#idle.values()) {
      if (untilMs > nowMs && untilMs < earliest) earliest = untilMs;
    }
    return earliest;
  }

  #idleUntil({ topic, partition }: TopicPartition, offset: number): number {
    const place = `${topic}/${partition}`;
    let idle = this.#idle.get(place);
    if (idle === undefined || idle.offset !== offset) {
      idle = { offset, untilMs: this.#options.clock() + this.#options.maxTaskIdleMs };
      this.#idle.set(place, idle);
    }
    return idle.untilMs;
  }
}
