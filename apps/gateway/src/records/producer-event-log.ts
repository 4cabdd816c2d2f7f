import { accountKey, deadLetterTopic } from '@playhead/event-schemas';
import type {
  AccountEntitlement,
  LogPosition,
  PlaybackEvent,
  PlaybackHeartbeat,
  Topics,
} from '@playhead/event-schemas';
import type { RecordProducer, TypedRecord } from '@playhead/stream-core/client';
import { LogUnavailableError } from './event-log.ts';
import type { EventLog, UnreadableLine } from './event-log.ts';

/** The part of `RecordProducer` that the log uses. */
export type RecordSender = Pick<RecordProducer, 'send'>;

/** How long the log waits and how much it lets wait. */
export interface ProducerEventLogOptions {
  /** From the call to the acknowledgement. */
  readonly timeoutMs: number;
  /** Records not yet acknowledged; beyond it every call is refused at once. */
  readonly maxPending: number;
}

/** The log in Kafka. */
export class ProducerEventLog implements EventLog {
  readonly #producer: RecordSender;
  readonly #topics: Topics;
  readonly #options: ProducerEventLogOptions;
  #pending = 0;

  constructor(producer: RecordSender, topics: Topics, options: ProducerEventLogOptions) {
    this.#producer = producer;
    this.#topics = topics;
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

  deadLetter(letter: UnreadableLine): Promise<LogPosition> {
    return this.#send({
      topic: deadLetterTopic(this.#topics.events),
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
      return Promise.reject(new LogUnavailableError('log-full', `${maxPending} records wait for Kafka already`));
    }
    this.#pending++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(
          new LogUnavailableError(
            'log',
            `Kafka did not acknowledge a record of ${record.topic.name} in ${timeoutMs} ms`,
          ),
        );
      }, timeoutMs);
      this.#producer
        .send(record)
        .then(
          ({ topic, partition, offset }) => resolve({ topic, partition, offset }),
          (cause: unknown) =>
            reject(new LogUnavailableError('log', `Kafka refused a record of ${record.topic.name}`, { cause })),
        )
        .finally(() => {
          clearTimeout(timer);
          this.#pending--;
        });
    });
  }
}

function keyOf({ tenant, account }: { readonly tenant: string; readonly account: string }): string {
  return accountKey(tenant, account);
}
