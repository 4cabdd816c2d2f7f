/** Where an error happened, as far as it is known. */
export interface ErrorContext {
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: number;
  readonly node?: string;
  readonly task?: string;
  readonly store?: string;
}

/** Every code a stream-core error can carry. */
export type StreamsErrorCode =
  | 'STREAMS_TOPOLOGY'
  | 'STREAMS_TOPIC'
  | 'STREAMS_CONFIG'
  | 'STREAMS_ARGUMENT'
  | 'STREAMS_SERDE'
  | 'STREAMS_STATE_STORE'
  | 'STREAMS_PROCESSOR'
  | 'STREAMS_TASK_MIGRATED'
  | 'STREAMS_BROKER'
  | 'STREAMS_INVALID_STATE'
  | 'STREAMS_QUERY'
  | 'STREAMS_TIMEOUT'
  | 'STREAMS_SHUTDOWN';

/** The base of every error that stream-core throws: `code` to act on, `context` to find the place, `cause` for the origin. */
export class StreamsError extends Error {
  readonly code: StreamsErrorCode;
  readonly context: ErrorContext;

  constructor(code: StreamsErrorCode, message: string, options: { context?: ErrorContext; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.context = options.context ?? {};
  }
}

/** A topology that cannot be built, or that does not fit the topics it is run on. */
export class TopologyError extends StreamsError {
  constructor(message: string, options: { context?: ErrorContext; cause?: unknown } = {}) {
    super('STREAMS_TOPOLOGY', message, options);
  }
}

/** An argument that makes no sense by itself: a window of size 0, a negative grace. */
export class ArgumentError extends StreamsError {
  constructor(message: string, options: { context?: ErrorContext; cause?: unknown } = {}) {
    super('STREAMS_ARGUMENT', message, options);
  }
}

/** Bytes that a codec cannot read, or a value that it cannot write. */
export class SerdeError extends StreamsError {
  constructor(message: string, options: { context?: ErrorContext; cause?: unknown } = {}) {
    super('STREAMS_SERDE', message, options);
  }
}
