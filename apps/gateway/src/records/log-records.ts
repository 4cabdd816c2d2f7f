import {
  accountKey,
  deadLetterTopic,
  newPlaybackDecision,
  newPlaybackEvent,
  newPlaybackHeartbeat,
} from '@playhead/event-schemas';
import type {
  DeadLetterTopic,
  PlaybackDecision,
  PlaybackEvent,
  PlaybackHeartbeat,
  Topics,
} from '@playhead/event-schemas';
import type { TypedRecord } from '@playhead/stream-core/client';
import type { UnreadableLine } from './event-log.ts';

/** What the gateway writes and may keep on the disk, by kind. */
export interface LogValues {
  readonly heartbeat: PlaybackHeartbeat;
  readonly event: PlaybackEvent;
  readonly decision: PlaybackDecision;
  readonly deadLetter: UnreadableLine;
}

/** A kind of record that the gateway writes and may keep on the disk. */
export type LogKind = keyof LogValues;

/** A record of any of these kinds. */
export type LogRecord = TypedRecord<unknown, unknown>;

/** The records of an installation's topics. */
export class LogRecords {
  readonly #topics: Topics;
  readonly #deadLetters: DeadLetterTopic;
  #latest = { tenant: '', account: '', key: '' };

  constructor(topics: Topics) {
    this.#topics = topics;
    this.#deadLetters = deadLetterTopic(topics.events);
  }

  /** The record of a value: under the key of its account, at the time at which it was received or made. */
  of<K extends LogKind>(kind: K, value: LogValues[K]): LogRecord {
    const given = { kind, value } as { [N in LogKind]: { readonly kind: N; readonly value: LogValues[N] } }[LogKind];
    const key = this.#keyOf(value);
    const typed = <V>(topic: TypedRecord<string, V>['topic'], record: V, timestamp: number): LogRecord =>
      ({ topic, key, value: record, timestamp }) as unknown as LogRecord;
    switch (given.kind) {
      case 'heartbeat':
        return typed(this.#topics.heartbeats, given.value, given.value.receivedTime);
      case 'event':
        return typed(this.#topics.events, given.value, given.value.receivedTime);
      case 'decision':
        return typed(this.#topics.decisions, given.value, given.value.decidedTime);
      case 'deadLetter':
        return this.#letter(key, given.value);
    }
  }

  /** The record of a value that waited on the disk; undefined for a kind that is not known. */
  restored(kind: string, value: object): LogRecord | undefined {
    switch (kind) {
      case 'heartbeat':
        return this.of(kind, newPlaybackHeartbeat(value as PlaybackHeartbeat));
      case 'event':
        return this.of(kind, newPlaybackEvent(value as PlaybackEvent));
      case 'decision':
        return this.of(kind, newPlaybackDecision(value as PlaybackDecision));
      case 'deadLetter':
        return this.of(kind, value as UnreadableLine);
      default:
        return undefined;
    }
  }

  /** Records of one account often come together. */
  #keyOf({ tenant, account }: { readonly tenant: string; readonly account: string }): string {
    const latest = this.#latest;
    if (latest.tenant === tenant && latest.account === account) return latest.key;
    const key = accountKey(tenant, account);
    this.#latest = { tenant, account, key };
    return key;
  }

  #letter(key: string, { line, reason, session, receivedAt }: UnreadableLine): LogRecord {
    const record: TypedRecord<Uint8Array, Uint8Array> = {
      topic: this.#deadLetters,
      key: Buffer.from(key),
      value: Buffer.from(line),
      timestamp: receivedAt,
      headers: [
        { key: 'error.reason', value: Buffer.from(reason) },
        { key: 'session', value: Buffer.from(session) },
      ],
    };
    return record as unknown as LogRecord;
  }
}
