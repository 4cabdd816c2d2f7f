import { ErrorCode } from '@playhead/kafka-protocol';
import { StreamsError } from '../errors.ts';
import { BrokerError } from '../kafka/errors.ts';
import type { ResolvedStreamsConfig } from './streams-config.ts';

interface Concerned {
  readonly setting: (config: ResolvedStreamsConfig) => string;
  readonly allowed: string;
}

/** Kafka's errors that say nothing but that a value is not taken: which setting the value is of, and who decides what is allowed. */
const SETTINGS: ReadonlyMap<number | undefined, Concerned> = new Map<number, Concerned>([
  [
    ErrorCode.INVALID_SESSION_TIMEOUT,
    {
      setting: ({ sessionTimeoutMs }) => `sessionTimeoutMs is ${sessionTimeoutMs}`,
      allowed: "the brokers' group.min.session.timeout.ms (6000 unless set) to group.max.session.timeout.ms",
    },
  ],
  [
    ErrorCode.INVALID_TRANSACTION_TIMEOUT,
    {
      setting: ({ transactionTimeoutMs }) => `transactionTimeoutMs is ${transactionTimeoutMs}`,
      allowed: "up to the brokers' transaction.max.timeout.ms",
    },
  ],
  [
    ErrorCode.INVALID_REPLICATION_FACTOR,
    {
      setting: ({ replicationFactor }) => `replicationFactor is ${replicationFactor}`,
      allowed: 'up to the number of brokers; -1 for their default',
    },
  ],
  [
    ErrorCode.INVALID_CONFIG,
    {
      setting: ({ internalTopicConfigs }) => `internalTopicConfigs is ${JSON.stringify(internalTopicConfigs)}`,
      allowed: 'topic settings of Kafka',
    },
  ],
  [
    ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
    {
      setting: ({ applicationId }) =>
        `applicationId is ${applicationId}, and the group of that name has members that are no instances of it`,
      allowed: 'a name that no other consumers use as their group',
    },
  ],
  [
    ErrorCode.FENCED_INSTANCE_ID,
    {
      setting: ({ groupInstanceId }) => `groupInstanceId is ${groupInstanceId}, and another instance has it too`,
      allowed: 'a name of its own for each instance',
    },
  ],
]);

/** An error of Kafka that concerns a setting as one that names it (STREAMS_CONFIG, with the error as its cause); any other one as it is. */
export function namingSetting(error: unknown, config: ResolvedStreamsConfig): unknown {
  if (!(error instanceof BrokerError)) return error;
  const concerned = SETTINGS.get(error.brokerCode);
  if (concerned === undefined) return error;
  const { setting, allowed } = concerned;
  return new StreamsError('STREAMS_CONFIG', `${setting(config)}; allowed: ${allowed} (${error.message})`, {
    cause: error,
  });
}
