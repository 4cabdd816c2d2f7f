/**
 * Run as a program by record-costs.test.ts: feeds a task with many records and prints what each of them put on the heap, and the promises that were made. A process of its own, so that nothing else
 * allocates and the code is compiled as in production. Argument: the name of a case.
 */
import { Session } from 'node:inspector';
import type { HeapProfiler } from 'node:inspector';
import { promiseHooks } from 'node:v8';
import { RecordBatchWriter } from '@playhead/kafka-protocol';
import { JoinWindows, serdes, StreamsBuilder, TimeWindows } from '@playhead/stream-core';
import type { Topology } from '@playhead/stream-core';
import type { FetchedRecords } from '../../../src/kafka/types.ts';
import type { RecordCollector } from '../../../src/processor/record-collector.ts';
import { fetched, makeTask } from './task-fixture.ts';

const RECORDS = 50_000;
const ROUNDS = 4;
const WARM_UP_RECORDS = 100_000;
const FETCH_RECORDS = 500;
const KEYS = 64;
const SAMPLE_EVERY_BYTES = 256;
const BASE_MS = 1_763_683_200_000;
/** Keys and values that are small whole numbers, which take no heap of their own. */
const LONGS = { key: serdes.long, value: serdes.long };

const topologies: Record<string, (builder: StreamsBuilder) => void> = {
  stateless: (builder) =>
    builder
      .stream('left', LONGS)
      .filter((value) => value >= 0)
      .mapValues((value) => value + 1)
      .selectKey((value) => value & 7)
      .to({ name: 'out', ...LONGS }),
  'windowed count': (builder) =>
    builder
      .stream('left', LONGS)
      .groupByKey()
      .windowedBy(TimeWindows.of({ sizeMs: 3_600_000, graceMs: 0 }))
      .count()
      .toStream()
      .to({ name: 'out', key: serdes.timeWindowed(serdes.long, 3_600_000), value: serdes.long }),
  'stream join': (builder) =>
    builder
      .stream('left', LONGS)
      .joinStream(
        builder.stream('right', LONGS),
        (left, right) => left + right,
        JoinWindows.within(KEYS, { graceMs: 0 }),
      )
      .to({ name: 'out', ...LONGS }),
};

function topologyOf(name: string): Topology {
  const define = topologies[name];
  if (define === undefined) throw new RangeError(`case ${name}; allowed: ${Object.keys(topologies).join(', ')}`);
  const builder = new StreamsBuilder();
  define(builder);
  return builder.build();
}

/** Counts what it is sent. */
class CountingCollector implements RecordCollector {
  records = 0;

  partitionCount(): number {
    return 1;
  }

  send(): void {
    this.records++;
  }
}

/** Records in time order, one a millisecond, in turn for each topic. */
function fetchesOf(topics: readonly string[], from: number, count: number): FetchedRecords[] {
  const codec = serdes.long.open({ topic: 'left', part: 'key' });
  const fetches: FetchedRecords[] = [];
  for (let at = from; at < from + count; at += FETCH_RECORDS) {
    for (const [side, topic] of topics.entries()) {
      const writer = new RecordBatchWriter();
      for (let i = at + side; i < at + FETCH_RECORDS; i += topics.length) {
        writer.append(BASE_MS + i, codec.serialize((i >> 1) % KEYS), codec.serialize(i & 0xffff));
      }
      const offset = at / topics.length;
      fetches.push(fetched(topic, offset, offset + writer.count, [Buffer.from(writer.seal({ baseOffset: offset }))]));
    }
  }
  return fetches;
}

const bytesBelow = ({ selfSize, children }: HeapProfiler.SamplingHeapProfileNode): number =>
  children.reduce((sum, child) => sum + bytesBelow(child), selfSize);

const topology = topologyOf(process.argv[2] ?? '');
const collector = new CountingCollector();
const { task } = makeTask(topology, { collector });
task.initialize();
const topics = task.inputs.map(({ topic }) => topic);
const run = (fetches: readonly FetchedRecords[]): void => {
  for (let i = 0; i < fetches.length; i += topics.length) {
    for (const fetch of fetches.slice(i, i + topics.length)) task.addRecords(fetch);
    task.process(Infinity);
  }
};
run(fetchesOf(topics, 0, WARM_UP_RECORDS));
const outputsBefore = collector.records;
let promises = 0;
const stop = promiseHooks.onInit(() => promises++) as unknown as () => void;
const session = new Session();
session.connect();

/** Bytes that each of the next records puts on the heap. */
function measure(round: number): number {
  const fetches = fetchesOf(topics, WARM_UP_RECORDS + round * RECORDS, RECORDS);
  session.post('HeapProfiler.startSampling', {
    samplingInterval: SAMPLE_EVERY_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  run(fetches);
  let bytes = 0;
  session.post('HeapProfiler.stopSampling', (_error, { profile: { head } }) => (bytes = bytesBelow(head)));
  return bytes / RECORDS;
}

// The compiler works beside the program: on a busy machine it may not have come to everything in the first rounds.
const bytesPerRecord = Math.min(...Array.from({ length: ROUNDS }, (_, round) => measure(round)));
stop();
process.stdout.write(
  JSON.stringify({
    bytesPerRecord,
    outputsPerRecord: (collector.records - outputsBefore) / (RECORDS * ROUNDS),
    promises,
  }),
);
