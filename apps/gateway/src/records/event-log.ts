import type {
  AccountEntitlement,
  AccountRef,
  LogPosition,
  PlaybackDecision,
  PlaybackEvent,
  PlaybackHeartbeat,
  TenantPolicy,
  TenantSettings,
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
 * the record is stored: with its position when all in-sync replicas have it, with undefined when it waits on this
 * gateway's disk for Kafka to take records again (then it comes as `late`). It rejects with `LogUnavailableError` when
 * neither could be had; the record may then still have been written, which its event id makes harmless. A record that
 * does not fit its schema is a defect and rejects with `SerdeError`.
 */
export interface EventLog {
  heartbeat(record: PlaybackHeartbeat): Promise<LogPosition | undefined>;
  /** Heartbeats in their order; resolves with the position of the last when all are stored. */
  beats(records: readonly PlaybackHeartbeat[]): Promise<LogPosition | undefined>;
  event(record: PlaybackEvent): Promise<LogPosition | undefined>;
  /** What an account may watch, null to take it back. Never waits on the disk: whoever changes it is told whether it holds. */
  entitlement(owner: AccountRef, record: AccountEntitlement | null): Promise<LogPosition>;
  /** A policy of a tenant, null to take it back. Never waits on the disk, like the next. */
  policy(
    owner: { readonly tenant: string; readonly policy: string },
    record: TenantPolicy | null,
  ): Promise<LogPosition>;
  tenantSettings(record: TenantSettings): Promise<LogPosition>;
  /** Only decisions that the guard was not there for; all others are the guard's to write. */
  decision(record: PlaybackDecision): Promise<LogPosition | undefined>;
  deadLetter(line: UnreadableLine): Promise<LogPosition | undefined>;
  /**
   * The newest place in the account's part of the heartbeats' log: whatever any gateway had acknowledged by Kafka before
   * the call lies there or before. Undefined where that says too little: records wait on this gateway's disk. Rejects when
   * Kafka does not answer, which may take it long.
   */
  newestHeartbeat(account: AccountRef): Promise<LogPosition | undefined>;
}

/** Kafka did not take a record in time, or too many are waiting for it. */
export class LogUnavailableError extends Error {
  readonly code = 'log-unavailable';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LogUnavailableError';
  }
}
