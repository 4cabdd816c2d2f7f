import { RecordBatchWriter } from '@playhead/kafka-protocol';
import type { Headers, Topology } from '@playhead/stream-core';
import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { DriverLog } from '../../../src/testing/driver-log.ts';
import type { FetchedRecords } from '../../../src/kafka/types.ts';
import { GlobalStores } from '../../../src/runtime/global-stores.ts';
import type { StreamTaskOptions } from '../../../src/runtime/stream-task-options.ts';
import { StreamTask } from '../../../src/runtime/stream-task.ts';
import { TopologyCodecs } from '../../../src/topology/topology-codecs.ts';

export interface TestRecordIn {
  readonly key?: string | null;
  readonly value: string | null;
  readonly timestamp: number;
  readonly headers?: Headers;
}

export const TEXT = { key: serdes.string, value: serdes.string };

export const at = (timestamp: number, value = `v${timestamp}`): TestRecordIn => ({ value, timestamp });

/** One batch as a broker sends it. */
export function batch(
  baseOffset: number,
  records: readonly TestRecordIn[],
  seal: { producerId?: number; isTransactional?: boolean; isControl?: boolean } = {},
): Buffer {
  const writer = new RecordBatchWriter();
  const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text, 'latin1'));
  for (const { key = 'k', value, timestamp, headers } of records) {
    writer.append(timestamp, bytes(key), bytes(value), headers);
  }
  return Buffer.from(writer.seal({ baseOffset, ...seal }));
}

/** A fetch of these batches from `offset` on. */
export function fetched(
  topic: string,
  offset: number,
  nextOffset: number,
  batches: readonly Buffer[],
  abortedTransactions: FetchedRecords['abortedTransactions'] = [],
): FetchedRecords {
  return {
    topic,
    partition: 0,
    offset,
    nextOffset,
    records: Buffer.concat(batches),
    highWatermark: nextOffset,
    lastStableOffset: nextOffset,
    logStartOffset: 0,
    abortedTransactions,
  };
}

/** A task over the whole topology and what it wrote. */
export function makeTask(
  topology: Topology,
  options: Partial<StreamTaskOptions> = {},
): { task: StreamTask; log: DriverLog; clock: { nowMs: number } } {
  const plan = topology.plan('app');
  const codecs = new TopologyCodecs(plan);
  const log = new DriverLog(() => 1);
  const clock = { nowMs: 0 };
  const task = new StreamTask({
    topology,
    plan,
    subtopology: 'all',
    partition: 0,
    codecs,
    collector: log,
    globalStores: new GlobalStores(plan, codecs),
    clock: () => clock.nowMs,
    ...options,
  });
  return { task, log, clock };
}

/** A topology that copies `in` to `out`, unless another one is defined. */
export function copying(
  define: (builder: StreamsBuilder) => void = (builder) => builder.stream('in', TEXT).to('out'),
): Topology {
  const builder = new StreamsBuilder();
  define(builder);
  return builder.build();
}

/** The values written to a topic, in order. */
export const valuesOf = (
  log: { records: readonly { topic: string; value: Buffer | null }[] },
  topic = 'out',
): unknown[] => log.records.filter((record) => record.topic === topic).map(({ value }) => value?.toString() ?? null);
