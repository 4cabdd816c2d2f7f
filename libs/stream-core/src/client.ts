export { KafkaClient } from './kafka/kafka-client.ts';
export { BrokerError } from './kafka/errors.ts';
export { RecordProducer } from './kafka/record-producer.ts';
export { TailReader } from './kafka/tail-reader.ts';
export { partitionForKey as partitionOfKey } from './processor/partitioner.ts';
export { resetApplication } from './runtime/reset/reset-application.ts';
export type { Recovery } from './kafka/errors.ts';
export type { AnyTopic, RawRecord, RecordProducerOptions, TypedRecord } from './kafka/record-producer.ts';
export type { TailReaderOptions, TailRecord } from './kafka/tail-types.ts';
export type {
  CreatedTopic,
  IsolationLevel,
  KafkaClientOptions,
  Logger,
  NewTopic,
  PartitionDescription,
  PartitionOffset,
  RecordMetadata,
  SaslOptions,
  TopicDescription,
  TopicPartition,
} from './kafka/types.ts';
export type { ResetOptions, ResetResult } from './runtime/reset/reset-application.ts';
export type { OffsetReset, ResetPlan, ResetRequest, ResetTarget } from './runtime/reset/reset-plan.ts';
