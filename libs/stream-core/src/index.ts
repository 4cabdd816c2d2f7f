export { ArgumentError, SerdeError, StreamsError, TopologyError } from './errors.ts';
export type { ErrorContext, StreamsErrorCode } from './errors.ts';
export { StreamsBuilder } from './dsl/streams-builder.ts';
export type { BuildOptions } from './dsl/streams-builder.ts';
export { KStream } from './dsl/k-stream.ts';
export { KTable } from './dsl/k-table.ts';
export { GlobalKTable } from './dsl/global-k-table.ts';
export { KGroupedStream } from './dsl/k-grouped-stream.ts';
export { TimeWindowedKStream } from './dsl/time-windowed-k-stream.ts';
export { SessionWindowedKStream } from './dsl/session-windowed-k-stream.ts';
export {
  CogroupedKStream,
  SessionWindowedCogroupedKStream,
  TimeWindowedCogroupedKStream,
} from './dsl/cogrouped-k-stream.ts';
export { KGroupedTable } from './dsl/k-grouped-table.ts';
export { BranchedKStream } from './dsl/branched-k-stream.ts';
export { SessionWindows, SlidingWindows, TimeWindows, UnlimitedWindows } from './dsl/windows.ts';
export type { EmitStrategy, SessionWindowsOptions, SlidingWindowsOptions, TimeWindowsOptions } from './dsl/windows.ts';
export type {
  Aggregator,
  ConsumedOptions,
  FlatMapper,
  FlatValueMapper,
  ForeachAction,
  GlobalStoreOptions,
  GroupedOptions,
  Initializer,
  JoinedOptions,
  KeySelector,
  KeyValue,
  KeyValueMapper,
  MaterializedOptions,
  Merger,
  MutatingOptions,
  NamedOptions,
  Predicate,
  PrintOptions,
  ProcessOptions,
  ProducedOptions,
  Reducer,
  RepartitionedOptions,
  ValueJoiner,
  ValueMapper,
  ValuePredicate,
  WindowedMaterializedOptions,
} from './dsl/options.ts';
export type {
  SuppressBufferOptions,
  SuppressOptions,
  SuppressUntilTimeLimit,
  SuppressUntilWindowCloses,
} from './dsl/suppress-options.ts';
export type { ValueTransformer, ValueTransformerContext } from './dsl/value-transformer.ts';
export { PendingCodecError } from './serde/serde.ts';
export type { Codec, SchemaSource, Serde, SerdeContext } from './serde/serde.ts';
export { serdes } from './serde/serdes.ts';
export { textAt } from './serde/text-at.ts';
export { Windowed } from './serde/windowed.ts';
export { Topology } from './topology/topology.ts';
export type { ProcessorOptions, FilledStoreOptions, SinkOptions, SourceOptions } from './topology/topology.ts';
export type { ProcessorWrapper, RecordWrapper, WrappedRecord } from './topology/wrap-processors.ts';
export type { OffsetReset } from './topology/offset-reset.ts';
export type { Topic } from './topology/topic.ts';
export type { Header, Headers } from './processor/headers.ts';
export { NO_HEADERS } from './processor/headers.ts';
export type { DropReason } from './processor/drop-reason.ts';
export type { TopicNameExtractor } from './processor/sink-node.ts';
export type { ExtractedRecord, TimestampExtractor } from './processor/timestamp-extractor.ts';
export type { RecordMetadata, StreamRecord } from './processor/stream-record.ts';
export type {
  FixedKeyProcessor,
  FixedKeyProcessorSupplier,
  Processor,
  ProcessorSupplier,
} from './processor/processor.ts';
export type {
  Cancellable,
  FixedKeyProcessorContext,
  ProcessorContext,
  PunctuationType,
  Punctuator,
} from './processor/processor-context.ts';
export type { PackedMemory, SlottedKeyValueStore } from './state/packed-key-value-store.ts';
export { stores } from './state/stores.ts';
export type { SessionStoreOptions, StoreOptions, WindowStoreOptions } from './state/stores.ts';
export type { StateStore, StoreKind } from './state/state-store.ts';
export type { StoreBuilder } from './state/store-builder.ts';
export type {
  KeyRange,
  KeyValueEntry,
  KeyValueStore,
  ReadOnlyKeyValueStore,
  ValueAndTimestamp,
} from './state/key-value-store.ts';
export type { ReadOnlySessionStore, SessionEntry, SessionRange, SessionStore } from './state/session-store.ts';
export type { ReadOnlyWindowStore, WindowEntry, WindowRange, WindowStore } from './state/window-store.ts';
export { continueOnError, deadLetterOnError, failOnError } from './runtime/task-handlers.ts';
export type {
  ErrorHandler,
  FailedOutput,
  FailedRecord,
  HandlerResponse,
  ProductionHandler,
  ProductionResponse,
} from './runtime/task-handlers.ts';
export { KafkaStreams } from './runtime/kafka-streams.ts';
export type { LmdbOptions, RedisOptions, StateOptions } from './runtime/storage/state-options.ts';
export type { UncaughtErrorHandler, UncaughtErrorResponse } from './runtime/uncaught-errors.ts';
export type { StreamsConfig, StreamsHandlers } from './runtime/streams-config.ts';
export type { KafkaStreamsState, StateListener } from './runtime/state-machine.ts';
export type { MetricSample } from './runtime/streams-metrics.ts';
export type { InputMetadata, StandbyMetadata, TaskMetadata } from './runtime/streams-report.ts';
export type { RestoreEvent, RestoreListener } from './runtime/restore/restore-listeners.ts';
export type { RestoreProgress } from './runtime/restore/restore-progress.ts';
export { QueryError } from './runtime/query/query-error.ts';
export type { QueryFailure } from './runtime/query/query-error.ts';
export type { QueryHandler } from './runtime/query/query-handler.ts';
export type { StoreQuery } from './runtime/query/store-query.ts';
export type {
  CountResult,
  KeyQueryMetadata,
  KeyedWindowEntry,
  KeyedWindowResult,
  LogPosition,
  Position,
  QueryEntry,
  QueryOptions,
  QueryResult,
  RangeOptions,
  RangeResult,
  SessionEntry as QuerySessionEntry,
  SessionOptions,
  SessionResult,
  Staleness,
  StreamsMetadata,
  WindowEntry as QueryWindowEntry,
  WindowResult,
} from './runtime/query/query-types.ts';
export { JoinWindows } from './dsl/join-windows.ts';
export type { JoinWindowsOptions } from './dsl/join-windows.ts';
export type { StreamJoinedOptions } from './dsl/options.ts';
export type { Optimization } from './dsl/graph/optimizations.ts';
export type { ForeignKeyOptions, GraceOptions, VersionedOptions } from './dsl/options.ts';
export type { VersionedStoreOptions } from './state/stores.ts';
export type { PutOutcome, VersionedKeyValueStore } from './state/versioned-key-value-store.ts';
