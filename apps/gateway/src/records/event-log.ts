import type {
  AccountEntitlement,
  LogPosition,
  PlaybackDecision,
  PlaybackEvent,
  PlaybackHeartbeat,
} from '@playhead/event-schemas';

/** A line that could not be read, as it was received. */
export interface UnreadableLine {
  readonly tenant: string;
  readonly account: string;
  readonly session: string;
  readonly receivedAt: number;
  readonly line: string;
  readonly reason: string;
}

/**
 * The log that everything is written to. Records of one account keep the order of the calls. Every method resolves when
 * all in-sync replicas have the record and rejects with `LogUnavailableError` when that could not be had in time; the
 * record may then still have been written, which its event id makes harmless. A record that does not fit its schema is a
 * defect and rejects with `SerdeError`.
 */
export interface EventLog {
  heartbeat(record: PlaybackHeartbeat): Promise<LogPosition>;
  event(record: PlaybackEvent): Promise<LogPosition>;
  entitlement(record: AccountEntitlement): Promise<LogPosition>;
  /** Only decisions that the guard was not there for; all others are the guard's to write. */
  decision(record: PlaybackDecision): Promise<LogPosition>;
  deadLetter(line: UnreadableLine): Promise<LogPosition>;
}

/** Kafka did not take a record in time, or too many are waiting for it. */
export class LogUnavailableError extends Error {
  readonly code = 'log-unavailable';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LogUnavailableError';
  }
}
