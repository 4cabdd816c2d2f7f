import type { PlaybackVerdict } from '@playhead/event-schemas';
import type { KeyValueStore, Processor, ProcessorContext, StreamRecord } from '@playhead/stream-core';
import type { Outbox } from './outbox.ts';
import { revocationOf } from './revocation.ts';
import type { Revocation } from './revocation.ts';

/** Name of the store of what waits. */
export const REVOCATIONS = 'revocations';

/** How a task enforces. */
export interface EnforcementOptions {
  /** An outbox for a task that begins. */
  readonly outbox: () => Outbox;
  readonly sweepMs: number;
  readonly maxAgeMs: number;
  readonly maxPending: number;
}

/**
 * A verdict stop becomes a pending revocation in the store and goes to the outbox; it leaves the store when its webhook has
 * acknowledged it. A task that comes, after a crash or from elsewhere, sends what the store has: at least once, under
 * the same ids. A verdict whose session is forgotten (the value null: its last ticket has expired) is not sent any more.
 */
export class EnforcementProcessor implements Processor<string, PlaybackVerdict | null, never, never> {
  readonly #options: EnforcementOptions;
  readonly #outbox: Outbox;
  #store!: KeyValueStore<string, Revocation>;

  constructor(options: EnforcementOptions) {
    this.#options = options;
    this.#outbox = options.outbox();
  }

  init(context: ProcessorContext<never, never>): void {
    this.#store = context.getStateStore<KeyValueStore<string, Revocation>>(REVOCATIONS);
    // The store has them by key; the outbox gives up the oldest first.
    const pending = [...this.#store.all()].sort((one, other) => one.value.decidedAt - other.value.decidedAt);
    for (const { key, value } of pending) this.#outbox.add(key, value);
    context.schedule(this.#options.sweepMs, 'WALL_CLOCK_TIME', (wallMs) => this.#sweep(wallMs));
  }

  process({ key, value }: StreamRecord<string, PlaybackVerdict | null>): void {
    const revocation = value === null ? undefined : revocationOf(value, key, this.#options.maxAgeMs);
    if (revocation !== undefined) {
      // One that waits already is replaced, which takes no room.
      while (!this.#outbox.has(key) && this.#outbox.size >= this.#options.maxPending) {
        this.#drop(this.#outbox.dropOldest());
      }
      this.#store.put(key, revocation);
      this.#outbox.add(key, revocation);
    } else if (value === null) {
      this.#outbox.remove(key);
      this.#drop(key);
    }
  }

  close(): void {
    this.#outbox.close();
  }

  #sweep(wallMs: number): void {
    for (const key of this.#outbox.settle(wallMs)) this.#drop(key);
  }

  #drop(key: string | undefined): void {
    if (key !== undefined && this.#store.get(key) !== null) this.#store.delete(key);
  }
}
