import { accountKey, deadLetterTopic } from '@playhead/event-schemas';
import type {
  AccountEntitlement,
  DeadLetterTopic,
  LogPosition,
  PlaybackDecision,
  PlaybackEvent,
  PlaybackHeartbeat,
  Topics,
} from '@playhead/event-schemas';
import type { ServiceLogger } from '@playhead/service-kit';
import { SerdeError } from '@playhead/stream-core';
import type { RecordProducer, TypedRecord } from '@playhead/stream-core/client';
import { LogUnavailableError } from './event-log.ts';
import type { EventLog, UnreadableLine } from './event-log.ts';
import type { LogHealth } from './log-health.ts';

/** The part of `RecordProducer` that the log uses. */
export type RecordSender = Pick<RecordProducer, 'send'>;

/** How long the log waits and how much it lets wait. */
export interface ProducerEventLogOptions {
  /** From the call to the acknowledgement. */
  readonly timeoutMs: number;
  /** Records not yet acknowledged; beyond it every call is refused at once. */
  readonly maxPending: number;
  /** Told about every outcome. */
  readonly health: Pick<LogHealth, 'succeeded' | 'failed'>;
  readonly logger: Pick<ServiceLogger, 'info' | 'warn'>;
}

/** The log in Kafka. Says in the service's log when Kafka stops taking records and when it takes them again. */
export class ProducerEventLog implements EventLog {
  readonly #producer: RecordSender;
  readonly #topics: Topics;
  readonly #deadLetters: DeadLetterTopic;
  readonly #options: ProducerEventLogOptions;
  #pending = 0;
  #taking = true;

  constructor(producer: RecordSender, topics: Topics, options: ProducerEventLogOptions) {
    this.#producer = producer;
    this.#topics = topics;
    this.#deadLetters = deadLetterTopic(topics.events);
    this.#options = options;
  }

  heartbeat(value: PlaybackHeartbeat): Promise<LogPosition> {
    return this.#send({ topic: this.#topics.heartbeats, key: keyOf(value), value, timestamp: value.receivedTime });
  }

  event(value: PlaybackEvent): Promise<LogPosition> {
    return this.#send({ topic: this.#topics.events, key: keyOf(value), value, timestamp: value.receivedTime });
  }

  entitlement(value: AccountEntitlement): Promise<LogPosition> {
    return this.#send({ topic: this.#topics.entitlements, key: keyOf(value), value, timestamp: value.updatedAt });
  }

  decision(value: PlaybackDecision): Promise<LogPosition> {
    return this.#send({ topic: this.#topics.decisions, key: keyOf(value), value, timestamp: value.decidedTime });
  }

  deadLetter(letter: UnreadableLine): Promise<LogPosition> {
    return this.#send({
      topic: this.#deadLetters,
      key: Buffer.from(keyOf(letter)),
      value: Buffer.from(letter.line),
      timestamp: letter.receivedAt,
      headers: [
        { key: 'error.reason', value: Buffer.from(letter.reason) },
        { key: 'session', value: Buffer.from(letter.session) },
      ],
    });
  }

  /** Records that Kafka has not acknowledged yet. */
  get pending(): number {
    return this.#pending;
  }

  #send<K, V>(record: TypedRecord<K, V>): Promise<LogPosition> {
    const { timeoutMs, maxPending } = this.#options;
    if (this.#pending >= maxPending) {
      return Promise.reject(this.#failure(`${maxPending} records wait for Kafka already`));
    }
    this.#pending++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(this.#failure(`Kafka did not acknowledge a record of ${record.topic.name} within ${timeoutMs} ms`));
      }, timeoutMs);
      const settle = (): void => {
        clearTimeout(timer);
        this.#pending--;
      };
      this.#producer.send(record).then(
        (position) => {
          settle();
          this.#success();
          resolve(position);
        },
        (cause: unknown) => {
          settle();
          // A value that its schema refuses is a defect of ours, and trying again does not help.
          const isDefect = cause instanceof SerdeError;
          reject(isDefect ? cause : this.#failure(`Kafka did not take a record of ${record.topic.name}`, cause));
        },
      );
    });
  }

  #failure(message: string, cause?: unknown): LogUnavailableError {
    const error = new LogUnavailableError(message, { cause });
    if (this.#taking) this.#options.logger.warn({ err: error }, 'Kafka takes no records; requests are answered 503');
    this.#taking = false;
    this.#options.health.failed(message);
    return error;
  }

  #success(): void {
    if (!this.#taking) this.#options.logger.info({}, 'Kafka takes records again');
    this.#taking = true;
    this.#options.health.succeeded();
  }
}

function keyOf({ tenant, account }: { readonly tenant: string; readonly account: string }): string {
  return accountKey(tenant, account);
}
