import { ErrorCode, errorName } from '@playhead/kafka-protocol';
import { StreamsError } from '../errors.ts';
import type { ErrorContext } from '../errors.ts';
import { addressName } from './broker-address.ts';
import type { BrokerAddress } from './broker-address.ts';

/**
 * What a caller does about a failure: `retry` the same request after a backoff, `refresh` metadata (or the coordinator)
 * first, `rejoin` the group, give up because somebody else took over (`fenced`), or report it (`fatal`).
 */
export type Recovery = 'retry' | 'refresh' | 'rejoin' | 'fenced' | 'fatal';

/** A broker refused, or could not be reached. */
export class BrokerError extends StreamsError {
  /** The name in Kafka's error table (`NOT_LEADER_OR_FOLLOWER`), or what happened to the connection (`CONNECTION_LOST`, `REQUEST_TIMED_OUT`, …). */
  readonly reason: string;
  /** Kafka's error code, undefined when no answer came. */
  readonly brokerCode: number | undefined;
  readonly recovery: Recovery;

  constructor(
    message: string,
    details: {
      reason: string;
      recovery: Recovery;
      brokerCode?: number | undefined;
      context?: ErrorContext;
      cause?: unknown;
    },
  ) {
    super('STREAMS_BROKER', message, details);
    this.reason = details.reason;
    this.recovery = details.recovery;
    this.brokerCode = details.brokerCode;
  }

  /** True when the same request may succeed later without anybody changing anything. */
  get retriable(): boolean {
    return this.recovery === 'retry' || this.recovery === 'refresh';
  }
}

/** What Kafka's errors ask for; those that are not here are fatal. */
const RECOVERIES: Readonly<Record<Exclude<Recovery, 'fatal'>, readonly number[]>> = {
  retry: [
    ErrorCode.CORRUPT_MESSAGE,
    ErrorCode.REQUEST_TIMED_OUT,
    ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
    ErrorCode.NOT_ENOUGH_REPLICAS,
    ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
    ErrorCode.CONCURRENT_TRANSACTIONS,
    ErrorCode.UNKNOWN_PRODUCER_ID,
    ErrorCode.OFFSET_NOT_AVAILABLE,
    ErrorCode.UNSTABLE_OFFSET_COMMIT,
    ErrorCode.THROTTLING_QUOTA_EXCEEDED,
  ],
  refresh: [
    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    ErrorCode.LEADER_NOT_AVAILABLE,
    ErrorCode.NOT_LEADER_OR_FOLLOWER,
    ErrorCode.BROKER_NOT_AVAILABLE,
    ErrorCode.REPLICA_NOT_AVAILABLE,
    ErrorCode.NETWORK_EXCEPTION,
    ErrorCode.COORDINATOR_NOT_AVAILABLE,
    ErrorCode.NOT_COORDINATOR,
    ErrorCode.NOT_CONTROLLER,
    ErrorCode.KAFKA_STORAGE_ERROR,
    ErrorCode.FENCED_LEADER_EPOCH,
    ErrorCode.UNKNOWN_LEADER_EPOCH,
  ],
  rejoin: [
    ErrorCode.ILLEGAL_GENERATION,
    ErrorCode.UNKNOWN_MEMBER_ID,
    ErrorCode.REBALANCE_IN_PROGRESS,
    ErrorCode.MEMBER_ID_REQUIRED,
  ],
  fenced: [ErrorCode.INVALID_PRODUCER_EPOCH, ErrorCode.FENCED_INSTANCE_ID, ErrorCode.PRODUCER_FENCED],
};

const RECOVERY_OF: ReadonlyMap<number, Recovery> = new Map(
  Object.entries(RECOVERIES).flatMap(([recovery, codes]) => codes.map((code) => [code, recovery as Recovery])),
);

/** The error for a code that a broker answered to `what`. */
export function brokerError(code: number, what: string, context: ErrorContext = {}): BrokerError {
  const reason = errorName(code);
  const recovery = RECOVERY_OF.get(code) ?? 'fatal';
  const place =
    context.topic === undefined
      ? ''
      : ` of ${context.topic}${context.partition === undefined ? '' : `-${context.partition}`}`;
  return new BrokerError(`${what}${place}: ${reason} (${code})`, { reason, recovery, brokerCode: code, context });
}

/**
 * What kafkajs, a socket or the codec threw, as a `BrokerError`: the only place that knows kafkajs's error names. A lost
 * connection asks for a refresh, because the broker may have moved; a wrong password and an unreadable answer are fatal.
 */
export function transportError(error: unknown, address: BrokerAddress): BrokerError {
  if (error instanceof BrokerError) return error;
  const { name, message } =
    error instanceof Error ? error : { message: '', ...(error as { name: string; message?: string }) };
  const [reason, recovery]: readonly [string, Recovery] = TRANSPORT.get(name) ?? ['CLIENT_FAILURE', 'fatal'];
  return new BrokerError(`broker ${addressName(address)}: ${reason}${message === '' ? '' : `: ${message}`}`, {
    reason,
    recovery,
    cause: error instanceof Error ? error : undefined,
  });
}

const TRANSPORT: ReadonlyMap<string, readonly [string, Recovery]> = new Map([
  ['KafkaJSConnectionError', ['CONNECTION_FAILED', 'refresh']],
  ['KafkaJSConnectionClosedError', ['CONNECTION_LOST', 'refresh']],
  ['KafkaJSRequestTimeoutError', ['REQUEST_TIMED_OUT', 'refresh']],
  ['KafkaJSSASLAuthenticationError', ['AUTHENTICATION_FAILED', 'fatal']],
  ['KafkaJSServerDoesNotSupportApiKey', ['UNSUPPORTED_VERSION', 'fatal']],
  ['SocketEnded', ['CONNECTION_LOST', 'refresh']],
  ['ClosedHere', ['CLIENT_CLOSED', 'fatal']],
  ['ProtocolError', ['UNREADABLE_ANSWER', 'fatal']],
]);

/** A socket's own error. A refused certificate is fatal: no retry makes it valid. */
export function socketError(error: Error, socket: object, address: BrokerAddress): BrokerError {
  const refused =
    'authorizationError' in socket && socket.authorizationError !== null && socket.authorizationError !== undefined;
  const reason = refused ? 'CERTIFICATE_REFUSED' : 'CONNECTION_FAILED';
  return new BrokerError(`broker ${addressName(address)}: ${reason}: ${error.message}`, {
    reason,
    recovery: refused ? 'fatal' : 'refresh',
    cause: error,
  });
}

/** The error of whatever was waiting when its client was closed. */
export function clientClosedError(): BrokerError {
  return new BrokerError('the Kafka client has been closed', { reason: 'CLIENT_CLOSED', recovery: 'fatal' });
}
