import { RecordBatchWriter } from '@playhead/kafka-protocol';
import { GlobalStores } from '../../libs/stream-core/src/runtime/global-stores.ts';
import { StreamTask } from '../../libs/stream-core/src/runtime/stream-task.ts';
import { TopologyCodecs } from '../../libs/stream-core/src/topology/topology-codecs.ts';
import type { FetchedRecords } from '../../libs/stream-core/src/kafka/types.ts';
import type { RecordCollector } from '../../libs/stream-core/src/processor/record-collector.ts';
import { serdes } from '@playhead/stream-core';
import { compete } from './contestant.ts';
import { IN, RIGHT, topologyOf } from './topologies.ts';
import type { Input } from './workload.ts';

/**
 * The contestant: the task alone, as the runtime runs it. It is fed with batches of 500 as fetches bring them and writes into record batches; making the fetched batches is outside the clock, and
 * nothing is committed.
 */
const FETCH_RECORDS = 500;
const BATCH_BYTES = 256 * 1024;

/** Record batches of everything that was written, without a network behind them. */
class BatchCollector implements RecordCollector {
  outputs = 0;
  sum = 0;
  readonly #writers = new Map<string, RecordBatchWriter>();

  partitionCount(): number {
    return 1;
  }

  send(topic: string, _partition: number, timestamp: number, key: Uint8Array | null, value: Uint8Array | null): void {
    let writer = this.#writers.get(topic);
    if (writer === undefined) this.#writers.set(topic, (writer = new RecordBatchWriter(BATCH_BYTES)));
    writer.append(timestamp, key, value);
    if (writer.sizeInBytes >= BATCH_BYTES - 1024) writer.reset();
    if (topic !== 'out') return;
    this.outputs++;
    const bytes = value as Uint8Array;
    for (let i = 0, scale = 2 ** 56; i < 8; i++, scale /= 256) this.sum += (bytes[i] as number) * scale;
  }
}

const keyCodec = serdes.string.open({ topic: IN.name, part: 'key' });
const valueCodec = serdes.long.open({ topic: IN.name, part: 'value' });

/** What fetches would bring: for each stretch of input one batch per topic. */
function fetchesOf({ count, keys, values, timestamps, isRight }: Input, hasRight: boolean): FetchedRecords[] {
  const fetches: FetchedRecords[] = [];
  const writers = [new RecordBatchWriter(), new RecordBatchWriter()] as const;
  const offsets = [0, 0];
  for (let from = 0; from < count; from += FETCH_RECORDS) {
    for (let i = from; i < Math.min(count, from + FETCH_RECORDS); i++) {
      const writer = writers[hasRight && isRight[i] === 1 ? 1 : 0];
      const key = keyCodec.serialize(keys[i] as string);
      writer.append(timestamps[i] as number, key, valueCodec.serialize(values[i] as number));
    }
    for (const [side, writer] of writers.entries()) {
      if (writer.count === 0) continue;
      const offset = offsets[side] as number;
      const nextOffset = (offsets[side] = offset + writer.count);
      fetches.push({
        topic: side === 0 ? IN.name : RIGHT.name,
        partition: 0,
        offset,
        nextOffset,
        records: Buffer.from(writer.seal({ baseOffset: offset })),
        highWatermark: nextOffset,
        lastStableOffset: nextOffset,
        logStartOffset: 0,
        abortedTransactions: [],
      });
      writer.reset();
    }
  }
  return fetches;
}

let fetches: FetchedRecords[] | undefined;
compete((name, input) => {
  fetches ??= fetchesOf(input, name === 'stream-join');
  const ready = fetches;
  const topology = topologyOf(name);
  const plan = topology.plan('app');
  const codecs = new TopologyCodecs(plan, undefined);
  const collector = new BatchCollector();
  const globalStores = new GlobalStores(plan, codecs);
  const common = { topology, plan, codecs, collector, globalStores, clock: () => 0 };
  const task = new StreamTask({ ...common, subtopology: 'all', partition: 0 });
  task.initialize();
  const fetchesAtOnce = name === 'stream-join' ? 2 : 1;
  return {
    run() {
      for (let i = 0; i < ready.length; i += fetchesAtOnce) {
        for (let j = i; j < i + fetchesAtOnce; j++) task.addRecords(ready[j] as FetchedRecords);
        task.process(Infinity);
      }
    },
    check: () => collector,
  };
});
