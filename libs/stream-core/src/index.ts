export { SerdeError, StreamsError, TopologyError } from './errors.ts';
export type { ErrorContext, StreamsErrorCode } from './errors.ts';
export { PendingCodecError } from './serde/serde.ts';
export type { Codec, SchemaSource, Serde, SerdeContext } from './serde/serde.ts';
export type { Topic } from './topology/topic.ts';
export { Topology } from './topology/topology.ts';
export type { Header, Headers } from './processor/headers.ts';
export { NO_HEADERS } from './processor/headers.ts';
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
export type { StateStore } from './state/state-store.ts';
export type { StoreBuilder } from './state/store-builder.ts';
export type {
  KeyRange,
  KeyValueEntry,
  KeyValueStore,
  ReadOnlyKeyValueStore,
  ValueAndTimestamp,
} from './state/key-value-store.ts';
export type { ReadOnlyWindowStore, WindowEntry, WindowRange, WindowStore } from './state/window-store.ts';
