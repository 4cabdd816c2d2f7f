export { TopologyTestDriver } from './testing/topology-test-driver.ts';
export type { TopologyTestDriverOptions } from './testing/topology-test-driver.ts';
export type { DriverPartitions } from './testing/driver-tasks.ts';
export type { DriverMetrics } from './testing/driver-metrics.ts';
export type { ProducedRecord } from './testing/paged-record.ts';
export type {
  CommitInterval,
  DriverFault,
  FaultKind,
  FaultScope,
  SimulationOptions,
} from './testing/simulation-options.ts';
export type { TestInputTopic } from './testing/test-input-topic.ts';
export type { InputTimes, PipeOptions } from './testing/test-input-topic.ts';
export type { TestOutputTopic } from './testing/test-output-topic.ts';
export { testRecord } from './testing/test-record.ts';
export type { PipedRecord, TestRecord } from './testing/test-record.ts';
export {
  CapturedPunctuator,
  MockFixedKeyProcessorContext,
  MockProcessorContext,
} from './testing/mock-processor-context.ts';
export type { CapturedForward, MockProcessorContextOptions } from './testing/mock-processor-context.ts';
