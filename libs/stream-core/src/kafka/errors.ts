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

/** Kafka's error table as far as this client acts on it; what is not here is fatal. Names as in Kafka's `Errors`. */
const TABLE: ReadonlyMap<number, readonly [name: string, recovery: Recovery]> = new Map([
  [1, ['OFFSET_OUT_OF_RANGE', 'fatal']],
  [2, ['CORRUPT_MESSAGE', 'retry']],
  [3, ['UNKNOWN_TOPIC_OR_PARTITION', 'refresh']],
  [5, ['LEADER_NOT_AVAILABLE', 'refresh']],
  [6, ['NOT_LEADER_OR_FOLLOWER', 'refresh']],
  [7, ['REQUEST_TIMED_OUT', 'retry']],
  [8, ['BROKER_NOT_AVAILABLE', 'refresh']],
  [9, ['REPLICA_NOT_AVAILABLE', 'refresh']],
  [10, ['MESSAGE_TOO_LARGE', 'fatal']],
  [12, ['OFFSET_METADATA_TOO_LARGE', 'fatal']],
  [13, ['NETWORK_EXCEPTION', 'refresh']],
  [14, ['COORDINATOR_LOAD_IN_PROGRESS', 'retry']],
  [15, ['COORDINATOR_NOT_AVAILABLE', 'refresh']],
  [16, ['NOT_COORDINATOR', 'refresh']],
  [17, ['INVALID_TOPIC_EXCEPTION', 'fatal']],
  [18, ['RECORD_LIST_TOO_LARGE', 'fatal']],
  [19, ['NOT_ENOUGH_REPLICAS', 'retry']],
  [20, ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'retry']],
  [22, ['ILLEGAL_GENERATION', 'rejoin']],
  [23, ['INCONSISTENT_GROUP_PROTOCOL', 'fatal']],
  [24, ['INVALID_GROUP_ID', 'fatal']],
  [25, ['UNKNOWN_MEMBER_ID', 'rejoin']],
  [26, ['INVALID_SESSION_TIMEOUT', 'fatal']],
  [27, ['REBALANCE_IN_PROGRESS', 'rejoin']],
  [29, ['TOPIC_AUTHORIZATION_FAILED', 'fatal']],
  [30, ['GROUP_AUTHORIZATION_FAILED', 'fatal']],
  [31, ['CLUSTER_AUTHORIZATION_FAILED', 'fatal']],
  [32, ['INVALID_TIMESTAMP', 'fatal']],
  [35, ['UNSUPPORTED_VERSION', 'fatal']],
  [36, ['TOPIC_ALREADY_EXISTS', 'fatal']],
  [37, ['INVALID_PARTITIONS', 'fatal']],
  [38, ['INVALID_REPLICATION_FACTOR', 'fatal']],
  [40, ['INVALID_CONFIG', 'fatal']],
  [41, ['NOT_CONTROLLER', 'refresh']],
  [42, ['INVALID_REQUEST', 'fatal']],
  [44, ['POLICY_VIOLATION', 'fatal']],
  [45, ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'retry']],
  [46, ['DUPLICATE_SEQUENCE_NUMBER', 'fatal']],
  [47, ['INVALID_PRODUCER_EPOCH', 'fenced']],
  [51, ['CONCURRENT_TRANSACTIONS', 'retry']],
  [56, ['KAFKA_STORAGE_ERROR', 'refresh']],
  [58, ['SASL_AUTHENTICATION_FAILED', 'fatal']],
  [59, ['UNKNOWN_PRODUCER_ID', 'retry']],
  [74, ['FENCED_LEADER_EPOCH', 'refresh']],
  [75, ['UNKNOWN_LEADER_EPOCH', 'refresh']],
  [76, ['UNSUPPORTED_COMPRESSION_TYPE', 'fatal']],
  [78, ['OFFSET_NOT_AVAILABLE', 'retry']],
  [79, ['MEMBER_ID_REQUIRED', 'rejoin']],
  [82, ['FENCED_INSTANCE_ID', 'fenced']],
  [84, ['GROUP_MAX_SIZE_REACHED', 'fatal']],
  [87, ['INVALID_RECORD', 'fatal']],
  [88, ['UNSTABLE_OFFSET_COMMIT', 'retry']],
  [89, ['THROTTLING_QUOTA_EXCEEDED', 'retry']],
  [90, ['PRODUCER_FENCED', 'fenced']],
]);

/** The error for a code that a broker answered to `what`. */
export function brokerError(code: number, what: string, context: ErrorContext = {}): BrokerError {
  const [reason, recovery] = TABLE.get(code) ?? [`ERROR_${code}`, 'fatal' as const];
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
    error instanceof Error ? error : { name: String((error as { name?: unknown })?.name), message: '' };
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
