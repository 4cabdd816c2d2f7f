import { accountKey, policyKey, tenantKey } from '@playhead/event-schemas';
import type {
  AccountEntitlement,
  AccountRef,
  LogPosition,
  PlaybackDecision,
  PlaybackEvent,
  PlaybackHeartbeat,
  TenantPolicy,
  TenantSettings,
  Topics,
} from '@playhead/event-schemas';
import { SerdeError } from '@playhead/stream-core';
import type { Topic } from '@playhead/stream-core';
import type { RecordProducer, TypedRecord } from '@playhead/stream-core/client';
import type { Backlog, Delivery } from '../queue/backlog.ts';
import type { QueuedRecord } from '../queue/queue-entry.ts';
import { LogUnavailableError } from './event-log.ts';
import type { EventLog, UnreadableLine } from './event-log.ts';
import { isFinal } from './final-refusals.ts';
import { LogOutcomes } from './log-outcomes.ts';
import type { LogOutcomesOptions } from './log-outcomes.ts';
import { LogRecords } from './log-records.ts';
import type { LogKind, LogRecord, LogValues } from './log-records.ts';
import type { NewestPosition } from './newest-position.ts';
import { Slots } from './slots.ts';
import type { SlotItem } from './slots.ts';

/** The part of `RecordProducer` that the log uses. */
export type RecordSender = Pick<RecordProducer, 'prepare' | 'sendAll'>;

/** How long the log waits and how much it lets wait. */
export interface ProducerEventLogOptions extends LogOutcomesOptions {
  /** From the call to the acknowledgement. */
  readonly timeoutMs: number;
  /** Records not yet acknowledged; beyond it Kafka counts as away. */
  readonly maxPending: number;
  /** Of the heartbeats' topic. */
  readonly newest: Pick<NewestPosition, 'of'>;
  /** Told about records that go to the disk, or could not. */
  readonly onQueued?: (outcome: 'queued' | 'refused') => void;
}

/** What was to be stored, in its order. */
interface LogEntry {
  readonly kind: LogKind;
  readonly values: readonly LogValues[LogKind][];
}

interface InFlight extends SlotItem {
  /** What goes to the disk; undefined for what does not. */
  readonly queued: LogEntry | undefined;
  readonly topic: string;
  readonly giveUpAt: number;
  readonly resolve: (position: LogPosition | undefined) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The log in Kafka, with a backlog on the disk for when Kafka takes nothing. The first record that Kafka does not take in
 * time sends all that wait for it to the disk, in their order, and everything after them, until the last of the disk's
 * queue are on their way: what comes then follows them. Such a record may be in Kafka all the same; its event id makes the
 * second one harmless. Without a backlog, or when that is full, records are refused.
 */
export class ProducerEventLog implements EventLog {
  readonly #producer: RecordSender;
  readonly #topics: Topics;
  readonly #records: LogRecords;
  readonly #options: ProducerEventLogOptions;
  readonly #outcomes: LogOutcomes;
  /** The order of the calls is the order of their deadlines too. */
  readonly #inFlight = new Slots<InFlight>();
  #backlog: Backlog | undefined;
  /** Topics of which it is known that values can be written. */
  readonly #writable = new Set<unknown>();
  #isTimed = false;
  #pending = 0;

  constructor(producer: RecordSender, topics: Topics, options: ProducerEventLogOptions) {
    this.#producer = producer;
    this.#topics = topics;
    this.#records = new LogRecords(topics);
    this.#options = options;
    this.#outcomes = new LogOutcomes(options);
  }

  /** From now on what Kafka does not take goes there. */
  useBacklog(backlog: Backlog): void {
    this.#backlog = backlog;
  }

  heartbeat(value: PlaybackHeartbeat): Promise<LogPosition | undefined> {
    return this.beats([value]);
  }

  beats(values: readonly PlaybackHeartbeat[]): Promise<LogPosition | undefined> {
    return this.#store('heartbeat', values);
  }

  event(value: PlaybackEvent): Promise<LogPosition | undefined> {
    return this.#store('event', [value]);
  }

  decision(value: PlaybackDecision): Promise<LogPosition | undefined> {
    return this.#store('decision', [value]);
  }

  deadLetter(value: UnreadableLine): Promise<LogPosition | undefined> {
    return this.#store('deadLetter', [value]);
  }

  entitlement({ tenant, account }: AccountRef, value: AccountEntitlement | null): Promise<LogPosition> {
    const time = value === null ? {} : { timestamp: value.updatedAt };
    return this.#sendNow(this.#topics.entitlements, { key: accountKey(tenant, account), value, ...time });
  }

  policy(
    { tenant, policy }: { readonly tenant: string; readonly policy: string },
    value: TenantPolicy | null,
  ): Promise<LogPosition> {
    return this.#sendNow(this.#topics.policies, { key: policyKey(tenant, policy), value });
  }

  tenantSettings(value: TenantSettings): Promise<LogPosition> {
    const { tenantSettings: topic } = this.#topics;
    return this.#sendNow(topic, { key: tenantKey(value.tenant), value, timestamp: value.updatedAt });
  }

  async newestHeartbeat(account: AccountRef): Promise<LogPosition | undefined> {
    return this.#backlog?.isEngaged === true ? undefined : this.#options.newest.of(account);
  }

  /** Records that Kafka has not acknowledged yet. */
  get pending(): number {
    return this.#pending;
  }

  /** Gives a record of the backlog to Kafka. Never rejects. */
  async deliver({ kind, value }: QueuedRecord): Promise<Delivery> {
    try {
      const record = this.#records.restored(kind, value);
      if (record === undefined) return 'undeliverable';
      await this.#prepare(record.topic);
      await this.#producer.sendAll(record.topic, [record]);
      this.#outcomes.succeeded();
      return 'delivered';
    } catch (error) {
      if (isFinal(error)) return 'undeliverable';
      this.#failure('Kafka does not take the records of the disk queue', error);
      return 'again';
    }
  }

  /** Else a registry that has not got the schema yet would look like values that can never be written. */
  async #prepare(topic: LogRecord['topic']): Promise<void> {
    if (this.#writable.has(topic)) return;
    await this.#producer.prepare([topic]).catch((cause: unknown) => {
      throw new LogUnavailableError(`nothing can be written to ${topic.name}`, { cause });
    });
    this.#writable.add(topic);
  }

  #store<K extends LogKind>(kind: K, values: readonly LogValues[K][]): Promise<LogPosition | undefined> {
    return this.#backlog?.isEngaged === true ? this.#queue(this.#backlog, kind, values) : this.#send(kind, values);
  }

  #send<K extends LogKind>(kind: K, values: readonly LogValues[K][]): Promise<LogPosition | undefined> {
    const backlog = this.#backlog;
    if (backlog !== undefined && this.#pending + values.length > this.#options.maxPending) {
      this.#divert(this.#tooMany());
      return this.#queue(backlog, kind, values);
    }
    const records = values.map((value) => this.#records.of(kind, value));
    return this.#await(records[0]!.topic, records, { kind, values });
  }

  /** What is not kept for later: its position, or it is refused. */
  async #sendNow<V>(topic: Topic<string, V>, record: Omit<TypedRecord<string, V>, 'topic'>): Promise<LogPosition> {
    const position = await this.#await(topic, [record], undefined);
    if (position === undefined) throw new LogUnavailableError(`a record of ${topic.name} is not kept for later`);
    return position;
  }

  #await<K, V>(
    topic: Topic<K, V>,
    records: readonly Omit<TypedRecord<K, V>, 'topic'>[],
    queued: LogEntry | undefined,
  ): Promise<LogPosition | undefined> {
    const { timeoutMs, maxPending } = this.#options;
    const { length } = records;
    if (this.#pending + length > maxPending) return Promise.reject(this.#tooMany());
    this.#pending += length;
    return new Promise((resolve, reject) => {
      const giveUpAt = performance.now() + timeoutMs;
      const waiting: InFlight = { slot: -1, order: 0, queued, topic: topic.name, giveUpAt, resolve, reject };
      this.#inFlight.add(waiting);
      if (!this.#isTimed) this.#giveUpIn(timeoutMs);
      this.#producer.sendAll(topic, records).then(
        (position) => {
          this.#pending -= length;
          if (this.#inFlight.delete(waiting)) resolve(position);
          this.#outcomes.succeeded();
        },
        (cause: unknown) => {
          this.#pending -= length;
          if (this.#inFlight.has(waiting)) this.#refused(waiting, cause);
        },
      );
    });
  }

  #tooMany(): LogUnavailableError {
    return this.#failure(`${this.#pending} records wait for Kafka, and at most ${this.#options.maxPending} may`);
  }

  #refused(waiting: InFlight, cause: unknown): void {
    // A value that its schema refuses is a defect of ours, and trying again does not help.
    if (cause instanceof SerdeError) {
      this.#inFlight.delete(waiting);
      waiting.reject(cause);
      return;
    }
    const failure = this.#failure(`Kafka did not take a record of ${waiting.topic}`, cause);
    if (this.#backlog !== undefined && !isFinal(cause)) this.#divert(failure);
    // Without a backlog, or with one that such a record would block.
    if (this.#inFlight.delete(waiting)) waiting.reject(failure);
  }

  #giveUpIn(delayMs: number): void {
    this.#isTimed = true;
    setTimeout(() => this.#giveUpLate(), delayMs).unref();
  }

  /** Everything that was to be acknowledged by now goes to the disk, and with it what came after. */
  #giveUpLate(): void {
    this.#isTimed = false;
    const now = performance.now();
    for (const waiting of this.#inFlight.inOrder()) {
      // A timer may fire a fraction of a millisecond early.
      if (waiting.giveUpAt > now + 1) {
        this.#giveUpIn(waiting.giveUpAt - now);
        return;
      }
      const failure = this.#failure(
        `Kafka did not acknowledge a record of ${waiting.topic} within ${this.#options.timeoutMs} ms`,
      );
      if (this.#backlog !== undefined) {
        this.#divert(failure);
        return;
      }
      this.#inFlight.delete(waiting);
      waiting.reject(failure);
    }
  }

  #divert(failure: LogUnavailableError): void {
    const backlog = this.#backlog;
    if (backlog === undefined) return;
    for (const waiting of this.#inFlight.inOrder()) {
      this.#inFlight.delete(waiting);
      const { queued, resolve, reject } = waiting;
      if (queued === undefined) reject(failure);
      else this.#queue(backlog, queued.kind, queued.values).then(resolve, reject);
    }
  }

  async #queue<K extends LogKind>(
    backlog: Backlog,
    kind: K,
    values: readonly LogValues[K][],
  ): Promise<LogPosition | undefined> {
    const positions = await Promise.all(values.map((value) => this.#queueOne(backlog, kind, value)));
    return positions.at(-1);
  }

  async #queueOne<K extends LogKind>(backlog: Backlog, kind: K, value: LogValues[K]): Promise<LogPosition | undefined> {
    let isDirect = false;
    const direct = async (): Promise<LogPosition | undefined> => {
      isDirect = true;
      return this.#store(kind, [value]);
    };
    const queued = kind === 'heartbeat' || kind === 'event' ? { ...value, late: true } : value;
    try {
      const position = await backlog.put({ kind, value: queued }, direct);
      if (!isDirect) this.#options.onQueued?.('queued');
      return position;
    } catch (cause) {
      if (isDirect) throw cause;
      this.#options.onQueued?.('refused');
      throw this.#failure('Kafka takes no records and the disk queue does not either', cause);
    }
  }

  #failure(message: string, cause?: unknown): LogUnavailableError {
    const consequence = this.#backlog === undefined ? 'requests are answered 503' : 'records wait on the disk';
    return this.#outcomes.failed(message, { consequence, cause });
  }
}
