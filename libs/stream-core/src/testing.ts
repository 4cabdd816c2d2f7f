export { TopologyTestDriver } from './testing/topology-test-driver.ts';
export type { TopologyTestDriverOptions } from './testing/topology-test-driver.ts';
export type { DriverPartitions } from './testing/driver-tasks.ts';
export type { ProducedRecord } from './testing/driver-log.ts';
export type { TestInputTopic } from './testing/test-input-topic.ts';
export type { PipeOptions } from './testing/test-input-topic.ts';
export type { TestOutputTopic } from './testing/test-output-topic.ts';
export type { TestRecord } from './testing/test-output-topic.ts';
