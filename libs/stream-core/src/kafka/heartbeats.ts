import { ErrorCode } from '@playhead/kafka-protocol';
import { calls } from './calls.ts';
import { BrokerError } from './errors.ts';
import type { GroupCoordinator } from './group-coordinator.ts';
import type { Membership } from './group-types.ts';

/** After a failure that passes the next heartbeat comes sooner. */
const RETRY_MS = 200;

/** Heartbeats are this frequent while a rebalance is expected, and for so long. */
const HURRY_MS = 20;
const HURRY_FOR_MS = 2_000;

/** What heartbeats found out. */
export interface HeartbeatEvents {
  /** The group rebalances: the generation is valid until this member rejoins. May be called again. */
  rebalancing(error: BrokerError): void;
  /** The coordinator has answered a heartbeat that was sent then (`performance.now()`): the member has its place. */
  answered(sentMs: number): void;
  /** The member is no longer in the group, or must not be. Heartbeats have stopped. */
  expelled(error: BrokerError): void;
}

/** When and as whom heartbeats are sent. */
export interface HeartbeatOptions {
  readonly groupId: string;
  readonly groupInstanceId: string | null;
  readonly membership: Membership;
  readonly intervalMs: number;
  readonly sessionTimeoutMs: number;
}

/** Keeps one generation's membership alive until `stop`. Needs the event loop: a record loop must yield to timers. */
export class Heartbeats {
  readonly #coordinator: GroupCoordinator;
  readonly #options: HeartbeatOptions;
  readonly #events: HeartbeatEvents;
  #timer: NodeJS.Timeout | undefined;
  #session: NodeJS.Timeout | undefined;
  #isStopped = false;
  #hurryUntilMs = 0;

  constructor(coordinator: GroupCoordinator, options: HeartbeatOptions, events: HeartbeatEvents) {
    this.#coordinator = coordinator;
    this.#options = options;
    this.#events = events;
    this.#extendSession();
    this.#scheduleNext(options.intervalMs);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#session);
  }

  /** A rebalance is near: asks more often for a while, so that it is noticed at once. */
  hurry(): void {
    this.#hurryUntilMs = performance.now() + HURRY_FOR_MS;
    // One that is under way is followed by the next one soon enough.
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#scheduleNext(HURRY_MS);
  }

  #scheduleNext(delayMs: number): void {
    if (this.#isStopped) return;
    const isHurried = performance.now() < this.#hurryUntilMs;
    this.#timer = setTimeout(() => void this.#beat(), isHurried ? Math.min(delayMs, HURRY_MS) : delayMs);
  }

  /** The broker expels after the session timeout without a heartbeat, so the member must take itself for expelled then. */
  #extendSession(): void {
    clearTimeout(this.#session);
    const { groupId, sessionTimeoutMs } = this.#options;
    this.#session = setTimeout(() => {
      this.stop();
      const message = `no heartbeat of group ${groupId} was answered for ${sessionTimeoutMs} ms`;
      this.#events.expelled(new BrokerError(message, { reason: 'SESSION_TIMED_OUT', recovery: 'rejoin' }));
    }, sessionTimeoutMs);
  }

  async #beat(): Promise<void> {
    const { groupId, groupInstanceId, intervalMs, membership } = this.#options;
    const { memberId, generation } = membership;
    this.#timer = undefined;
    const sentMs = performance.now();
    try {
      await this.#coordinator.member(calls.heartbeat, { groupId, generationId: generation, memberId, groupInstanceId });
      if (this.#isStopped) return;
      this.#events.answered(sentMs);
      this.#extendSession();
      this.#scheduleNext(intervalMs);
    } catch (error) {
      if (!this.#isStopped) this.#failed(error, sentMs);
    }
  }

  #failed(error: unknown, sentMs: number): void {
    const failure =
      error instanceof BrokerError
        ? error
        : new BrokerError('heartbeat failed', { reason: 'CLIENT_FAILURE', recovery: 'fatal', cause: error });
    if (failure.brokerCode === ErrorCode.REBALANCE_IN_PROGRESS) {
      this.#events.answered(sentMs);
      this.#extendSession();
      this.#scheduleNext(this.#options.intervalMs);
      this.#events.rebalancing(failure);
    } else if (failure.retriable) {
      this.#scheduleNext(Math.min(RETRY_MS, this.#options.intervalMs));
    } else {
      this.stop();
      this.#events.expelled(failure);
    }
  }
}
