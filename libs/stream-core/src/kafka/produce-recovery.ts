import { ErrorCode } from '@playhead/kafka-protocol';
import type { Cluster } from './cluster.ts';
import { BrokerError, brokerError } from './errors.ts';
import type { ProduceBatch } from './produce-batch.ts';
import type { ProducePartition, ProducerIdentity } from './produce-partition.ts';
import type { ProduceSender } from './produce-sender.ts';
import type { ProducerSession } from './producer-session.ts';
import { backoffMs, pause } from './retry.ts';

/** What a recovery tells its producer. */
export interface RecoveryEvents {
  /** The batches failed for good. */
  gaveUp(partition: ProducePartition, batches: readonly ProduceBatch[], error: Error): void;
  /** The delivery time of these batches, which are given up together, is over. True: that of the whole partition begins anew; else `gaveUp` follows. */
  isRenewed(partition: ProducePartition, batches: readonly ProduceBatch[], error: Error): boolean;
  /** The partition may send again, or has nothing left to send. */
  ended(partition: ProducePartition): void;
}

/** Brings stopped partitions back to sending: leader, socket, producer id, and the delivery timeout meanwhile. */
export class ProduceRecovery {
  readonly #cluster: Cluster;
  readonly #sender: ProduceSender;
  readonly #session: ProducerSession;
  readonly #limits: { readonly deliveryTimeoutMs: number; readonly signal: AbortSignal };
  readonly #events: RecoveryEvents;

  constructor(
    cluster: Cluster,
    sender: ProduceSender,
    session: ProducerSession,
    limits: { readonly deliveryTimeoutMs: number; readonly signal: AbortSignal },
    events: RecoveryEvents,
  ) {
    this.#cluster = cluster;
    this.#sender = sender;
    this.#session = session;
    this.#limits = limits;
    this.#events = events;
  }

  /** For a stopped partition of which nothing flies; without effect while one is under way. Never rejects. */
  async run(partition: ProducePartition): Promise<void> {
    if (partition.isRecovering) return;
    partition.isRecovering = true;
    partition.judge();
    let obstacle: unknown =
      partition.lastRefusal === 0 ? undefined : brokerError(partition.lastRefusal, 'produce', placeOf(partition));
    while (!this.#limits.signal.aborted) {
      partition.failures++;
      // The first two pass in every election of a leader, and that a broker is away is said once for all partitions.
      if (partition.failures >= 3 && !partition.isReported && isAnswered(obstacle)) {
        partition.isReported = true;
        this.#cluster.logger.warn(
          { ...placeOf(partition), error: String(obstacle) },
          'partition cannot be written now',
        );
      }
      const { deliveryTimeoutMs, signal } = this.#limits;
      if (partition.failures > 1) {
        const untilExpiryMs = (partition.oldestMs ?? 0) + deliveryTimeoutMs - performance.now();
        await pause(Math.max(0, Math.min(backoffMs(partition.failures - 1), untilExpiryMs)), signal);
      }
      this.#expire(partition, obstacle);
      if (!partition.hasUnsent) {
        // What is appended later starts another recovery, without a pause.
        partition.failures = 0;
        break;
      }
      try {
        partition.resume(await this.#reach(partition, obstacle));
        break;
      } catch (error) {
        obstacle = error;
        if (error instanceof BrokerError && error.retriable) continue;
        this.#events.gaveUp(partition, partition.abandon(), error instanceof Error ? error : new Error(String(error)));
      }
    }
    partition.isRecovering = false;
    this.#events.ended(partition);
  }

  /** Each batch is asked about before it is given up, until one is to go on. */
  #expire(partition: ProducePartition, obstacle: unknown): void {
    const createdBeforeMs = performance.now() - this.#limits.deliveryTimeoutMs;
    const error = this.#timeoutError(partition, obstacle);
    for (;;) {
      const batches = partition.expiring(createdBeforeMs);
      if (batches.length === 0) return;
      if (this.#events.isRenewed(partition, batches, error)) {
        partition.renew(performance.now());
        return;
      }
      this.#events.gaveUp(partition, partition.expire(createdBeforeMs), error);
    }
  }

  /** Says that a partition is well again, if it was ever said that it was not. */
  noteAcknowledged(partition: ProducePartition): void {
    if (!partition.isReported) return;
    partition.isReported = false;
    this.#cluster.logger.info(placeOf(partition), 'partition is written again');
  }

  /** A leader, a socket to it and a producer id. */
  async #reach(partition: ProducePartition, obstacle: unknown): Promise<ProducerIdentity> {
    const { topic } = partition;
    // A broker that only wants the same request again is still the leader.
    if (!(obstacle instanceof BrokerError && obstacle.recovery === 'retry')) await this.#cluster.refresh([topic]);
    const address = this.#cluster.metadata.leaderOf(topic, partition.partition);
    if (address === undefined) {
      const code = this.#cluster.metadata.topic(topic)?.errorCode ?? 0;
      throw brokerError(code === 0 ? ErrorCode.LEADER_NOT_AVAILABLE : code, 'metadata', placeOf(partition));
    }
    await this.#sender.connect(address);
    return this.#session.get(partition.needsNewIdentity ? partition.identity : undefined);
  }

  #timeoutError(partition: ProducePartition, cause: unknown): BrokerError {
    const { topic, partition: number } = partition;
    const reason = cause instanceof Error ? `: ${cause.message}` : '';
    return new BrokerError(
      `no acknowledgement for ${topic}-${number} within ${this.#limits.deliveryTimeoutMs} ms${reason}`,
      {
        reason: 'DELIVERY_TIMED_OUT',
        recovery: 'retry',
        context: placeOf(partition),
        cause,
      },
    );
  }
}

function isAnswered(obstacle: unknown): boolean {
  return obstacle instanceof BrokerError && obstacle.brokerCode !== undefined;
}

/** Where an error or a log line belongs. */
export function placeOf({ topic, partition }: ProducePartition): { topic: string; partition: number } {
  return { topic, partition };
}
