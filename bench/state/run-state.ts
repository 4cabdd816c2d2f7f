import { RecordBatchWriter } from '@playhead/kafka-protocol';
import { JoinWindows, serdes, SessionWindows, StreamsBuilder, type Topology } from '@playhead/stream-core';
import type { FetchedRecords } from '../../libs/stream-core/src/kafka/types.ts';
import type { RecordCollector } from '../../libs/stream-core/src/processor/record-collector.ts';
import { GlobalStores } from '../../libs/stream-core/src/runtime/global-stores.ts';
import { LmdbBackend } from '../../libs/stream-core/src/runtime/storage/lmdb/lmdb-backend.ts';
import { MemoryBackend } from '../../libs/stream-core/src/runtime/storage/memory-backend.ts';
import { StreamTask } from '../../libs/stream-core/src/runtime/stream-task.ts';
import { TopologyCodecs } from '../../libs/stream-core/src/topology/topology-codecs.ts';

/** What a run says, on stdout, as JSON. */
export interface Measured {
  readonly openMs: number;
  readonly residentBefore: number;
  readonly residentAfter: number;
  readonly heapAfter: number;
  /** CPU of all threads a record. */
  readonly cpuMicros: number;
  readonly outputs: number;
}

const [what, stateDir, sessions, records] = [
  process.argv[2],
  process.argv[3] as string,
  Number(process.argv[4]),
  Number(process.argv[5]),
];
const BASE_MS = 1_763_683_200_000;
const GAP_MS = 30 * 60_000;
const RETENTION_MS = 24 * 60 * 60_000;
/** Sessions of the fill end within so long. */
const SPAN_MS = 6 * 60 * 60_000;
const HOT_KEYS = 10_000;
const JOIN_WITHIN_MS = 5_000;
const FETCH_RECORDS = 500;
const COMMIT_RECORDS = 5_000;
const TEXT = { key: serdes.string, value: serdes.long };

function topology(): Topology {
  const builder = new StreamsBuilder();
  const left = builder.stream('left', TEXT);
  if (what?.startsWith('join') === true)
    left
      .joinStream(builder.stream('right', TEXT), (a, b) => a + b, JoinWindows.within(JOIN_WITHIN_MS, { graceMs: 0 }))
      .to({ name: 'out', ...TEXT });
  else
    left
      .groupByKey()
      .windowedBy(SessionWindows.of({ inactivityGapMs: GAP_MS, graceMs: 0 }))
      .count({ storeName: 'sessions', retentionMs: RETENTION_MS, caching: false })
      .toStream()
      .to({ name: 'out', key: serdes.sessionWindowed(serdes.string), value: serdes.long });
  return builder.build();
}

/** Takes everything, as a producer's batches would, and counts what goes to the output. */
class Collector implements RecordCollector {
  outputs = 0;
  readonly #writer = new RecordBatchWriter(256 * 1024);

  partitionCount(): number {
    return 1;
  }

  send(topic: string, _partition: number, timestamp: number, key: Uint8Array | null, value: Uint8Array | null): void {
    this.#writer.append(timestamp, key, value);
    if (this.#writer.sizeInBytes >= 255 * 1024) this.#writer.reset();
    if (topic === 'out') this.outputs++;
  }
}

const keyOf = (account: number): string =>
  `tenant-1/account-${(Math.imul(account, 2_654_435_761) >>> 0).toString(16).padStart(8, '0')}/profile-${account % 5}`;
const keys = serdes.string.open({ topic: 'left', part: 'key' });
const values = serdes.long.open({ topic: 'left', part: 'value' });
const offsets: Record<string, number> = { left: 0, right: 0 };

function fetchOf(topic: string, from: number, place: (i: number) => [key: string, timestamp: number]): FetchedRecords {
  const writer = new RecordBatchWriter();
  for (let i = from; i < from + FETCH_RECORDS; i++) {
    const [key, timestamp] = place(i);
    writer.append(timestamp, keys.serialize(key), values.serialize(i));
  }
  const offset = offsets[topic] as number;
  const nextOffset = (offsets[topic] = offset + FETCH_RECORDS);
  return {
    topic,
    partition: 0,
    offset,
    nextOffset,
    records: Buffer.from(writer.seal({ baseOffset: offset })),
    highWatermark: nextOffset,
    lastStableOffset: nextOffset,
    logStartOffset: 0,
    abortedTransactions: [],
  };
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const isInMemory = what === 'join-in-memory';
const context = { applicationId: 'bench', logger: silent, clock: Date.now };
const backend = isInMemory ? new MemoryBackend() : new LmdbBackend({ stateDir }, context);
await backend.open();
const storage = backend.openTask('0_0');
const built = topology();
const plan = built.plan('bench');
const codecs = new TopologyCodecs(plan, undefined);
const collector = new Collector();
const globalStores = new GlobalStores(plan, codecs);
const common = { topology: built, plan, codecs, collector, globalStores, clock: () => 0 };
const task = new StreamTask({ ...common, subtopology: 'all', partition: 0, storage });
const resident = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().rss;
};
const residentBefore = resident();
const openedAt = performance.now();
const checkpoint = await storage.ready();
if (checkpoint === undefined) await storage.wipe();
else
  for (const { plan: store, store: state, tee } of task.changelogs)
    if (tee !== undefined) await storage.load(store, (key, value, at) => state.restore(key, value, at));
const openMs = performance.now() - openedAt;
const residentAfter = resident();
const { heapUsed, external } = process.memoryUsage();
task.initialize();

async function commit(at: number): Promise<void> {
  storage.seal();
  const stores = Object.fromEntries(task.changelogs.map(({ plan: { name } }) => [name, at]));
  await storage.commit({ inputs: [], changelogs: stores, marker: 'm', follows: {}, atMs: 0, incarnation: undefined });
}

let cpuMicros = 0;
async function feed(count: number, place: (i: number) => [string, number], sides: readonly string[]): Promise<void> {
  for (let at = 0; at < count; at += FETCH_RECORDS * sides.length) {
    const fetches = sides.map((side, index) => fetchOf(side, at + index, (i) => place(at + (i - at) * sides.length)));
    const before = process.cpuUsage();
    for (const fetch of fetches) task.addRecords(fetch);
    task.process(Infinity);
    if ((at + FETCH_RECORDS * sides.length) % COMMIT_RECORDS === 0) await commit(at);
    const { user, system } = process.cpuUsage(before);
    cpuMicros += user + system;
  }
  await commit(count);
}

let seed = 42;
const below = (limit: number): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * limit);
};
const count = what === 'fill' ? sessions : records;
if (what === 'fill') await feed(sessions, (i) => [keyOf(i), BASE_MS + Math.floor((SPAN_MS * i) / sessions)], ['left']);
else if (what === 'any-session')
  await feed(records, (i) => [keyOf(below(sessions)), BASE_MS + SPAN_MS + Math.floor(i / 10)], ['left']);
else if (what === 'hot-sessions')
  await feed(records, (i) => [keyOf(below(HOT_KEYS)), BASE_MS + SPAN_MS + Math.floor(i / 10)], ['left']);
else if (what !== 'open')
  await feed(records, (i) => [keyOf(below(HOT_KEYS)), BASE_MS + i * ((2 * JOIN_WITHIN_MS) / HOT_KEYS)], [
    'left',
    'right',
  ]);
task.close();
await storage.close();
await backend.close();
const measured: Measured = {
  openMs,
  residentBefore,
  residentAfter,
  heapAfter: heapUsed + external,
  cpuMicros: cpuMicros / count,
  outputs: collector.outputs,
};
process.stdout.write(JSON.stringify(measured));
