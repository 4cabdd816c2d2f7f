import type { Headers } from './headers.ts';

/** What a record was made from, kept until the record is acknowledged. */
export interface OutputOrigin {
  /** What it takes in memory. */
  readonly sizeInBytes: number;
}

/** Takes what a task produces: the runtime's appends to Kafka, the test driver's to its queues. Synchronous; errors surface at the runtime's next flush. */
export interface RecordCollector {
  /** Number of partitions of a sink's topic, for its partitioner. Throws `TopologyError` for a topic that does not exist. */
  partitionCount(topic: string): number;
  /** Bytes are copied before the call returns. `timestamp` -1: the producer's time. `origin`: comes back with the record if Kafka refuses it. */
  send(
    topic: string,
    partition: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: Headers | undefined,
    origin?: OutputOrigin,
  ): void;
  /** For one task: `source` copies the record that is being processed, which is kept with each record that is sent meanwhile until Kafka has that. Absent: it is not needed. */
  keepingSources?(source: () => OutputOrigin | undefined): RecordCollector;
}
