import { TimestampHeap } from '../../internal/timestamp-heap.ts';
import type { Cancellable, Punctuator } from '../../processor/processor-context.ts';
import type { PunctuatedNode } from '../../processor/task-context.ts';

/** A punctuator and when it is due. */
export class Schedule implements Cancellable {
  readonly node: PunctuatedNode;
  readonly intervalMs: number;
  readonly punctuator: Punctuator;
  isCancelled = false;
  dueMs: number;

  constructor(node: PunctuatedNode, intervalMs: number, punctuator: Punctuator, dueMs: number) {
    this.node = node;
    this.intervalMs = intervalMs;
    this.punctuator = punctuator;
    this.dueMs = dueMs;
  }

  cancel(): void {
    this.isCancelled = true;
  }

  /** Stays on its raster: intervals that were missed collapse into the call just made. */
  moveBeyond(nowMs: number): void {
    const missed = Math.max(0, Math.floor((nowMs - this.dueMs) / this.intervalMs));
    this.dueMs += (missed + 1) * this.intervalMs;
  }
}

/** The punctuators of one kind of time. */
export class PunctuationQueue {
  readonly #heap = new TimestampHeap<Schedule>();
  #followedMs = Number.NEGATIVE_INFINITY;

  /** Infinity: none. */
  get nextMs(): number {
    return this.#heap.firstTimestamp;
  }

  add(schedule: Schedule): void {
    this.#heap.offer(schedule, schedule.dueMs);
  }

  /** The system's clock is at `nowMs`. Where it was set back since the last call, what is due moves back as far: it would stand still for as long. */
  follow(nowMs: number): void {
    const backMs = this.#followedMs - nowMs;
    this.#followedMs = nowMs;
    if (backMs <= 0) return;
    const schedules: Schedule[] = [];
    while (this.#heap.size > 0) schedules.push(this.#heap.poll() as Schedule);
    for (const schedule of schedules) {
      schedule.dueMs -= backMs;
      this.add(schedule);
    }
  }

  clear(): void {
    this.#heap.clear();
  }

  /** Calls `run` for each one that is due at `nowMs`; gives how many were. */
  runDue(nowMs: number, run: (schedule: Schedule, nowMs: number) => void): number {
    let ran = 0;
    while (this.#heap.firstTimestamp <= nowMs) {
      const schedule = this.#heap.poll() as Schedule;
      if (schedule.isCancelled) continue;
      run(schedule, nowMs);
      ran++;
      if (schedule.isCancelled) continue;
      schedule.moveBeyond(nowMs);
      this.#heap.offer(schedule, schedule.dueMs);
    }
    return ran;
  }
}
