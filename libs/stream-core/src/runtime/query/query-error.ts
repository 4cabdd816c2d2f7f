import { StreamsError } from '../../errors.ts';

/** Why a question got no answer. The first four may pass by themselves and are retried until the time is over. */
export type QueryFailure =
  /** No instance owns the partition, or the owner is still restoring it. */
  | 'NOT_AVAILABLE'
  /** The instance that was asked does not own the partition (any more). */
  | 'NOT_OWNER'
  /** The owner could not be reached. */
  | 'UNREACHABLE'
  /** The bound was not reached, or the writes not acknowledged, in time. */
  | 'TIMEOUT'
  /** The application does not run (not started, closed, or in ERROR). */
  | 'NOT_RUNNING'
  /** The topology has no such store. */
  | 'UNKNOWN_STORE'
  /** The question does not fit the store: another kind, a bound on a topic that it does not read, an unreadable key. */
  | 'BAD_QUERY'
  /** The owner refused to talk to this instance (HTTP 401 or 403), or failed inside. */
  | 'REFUSED';

const RETRIABLE: ReadonlySet<QueryFailure> = new Set(['NOT_AVAILABLE', 'NOT_OWNER', 'UNREACHABLE', 'TIMEOUT']);

/** True for failures that another try, perhaps at another owner, may cure. */
export const isRetriableFailure = (failure: QueryFailure): boolean => RETRIABLE.has(failure);

/** A question to a store that got no answer: why, and which store, partition and owner it was about. */
export class QueryError extends StreamsError {
  readonly reason: QueryFailure;
  readonly store: string;
  readonly partition: number | undefined;
  /** Application server of the owner that was asked last. */
  readonly owner: string | undefined;
  /** Of NOT_AVAILABLE, where it is known: when the owner will have restored, at its rate so far. */
  readonly retryAfterMs: number | undefined;

  constructor(
    reason: QueryFailure,
    message: string,
    place: {
      store: string;
      partition?: number | undefined;
      owner?: string | undefined;
      retryAfterMs?: number | undefined;
      cause?: unknown;
    },
  ) {
    const context = place.partition === undefined ? {} : { partition: place.partition };
    super('STREAMS_QUERY', message, { context: { store: place.store, ...context }, cause: place.cause });
    this.reason = reason;
    this.store = place.store;
    this.partition = place.partition;
    this.owner = place.owner;
    this.retryAfterMs = place.retryAfterMs;
  }
}
