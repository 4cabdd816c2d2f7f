/** Runs a case through the test driver and gives its results in the form of a golden line. */
import { StreamsError, Windowed, serdes } from '@playhead/stream-core';
import type { Serde, Topology } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import type { ProducedRecord } from '@playhead/stream-core/testing';
import { Calls } from './calls.ts';
import type { CaseResult, GoldenCase, Op } from './golden-case.ts';

/** The error classes of the original that ours stand for: stream-core's docs/differences.md. */
const CLASSES: Readonly<Record<string, string>> = {
  STREAMS_TOPOLOGY: 'TopologyException',
  STREAMS_ARGUMENT: 'IllegalArgumentException',
  STREAMS_CONFIG: 'ConfigException',
  STREAMS_PROCESSOR: 'StreamsException',
  STREAMS_STATE_STORE: 'StreamsException',
};

/** Throws what is no error of the library's own: a case that cannot be read, a defect. */
export function runCase({ topology: ops, in: inputs, config = {}, raw = false }: GoldenCase): CaseResult {
  const result: { -readonly [field in keyof CaseResult]: CaseResult[field] } = {};
  const out: unknown[][] = [];
  let phase = 'build';
  try {
    const calls = new Calls();
    for (const op of ops) calls.apply(op);
    const topology = calls.builder.build({ optimize: config.optimize, ensureNames: config.ensureNames });
    result.describe = topology.describe();
    phase = 'start';
    const driver = new TopologyTestDriver(topology, { cacheMaxBytes: config.cache });
    result.internal = internalTopics(topology);
    phase = 'run';
    result.out = out;
    for (const input of inputs) {
      const before = driver.produced.length;
      pipe(driver, input);
      const records = driver.produced.slice(before).sort(byTopic);
      out.push(raw ? records.map(inHex) : records.flatMap((record) => inText(record, calls.sinks)));
    }
    result.dropped = driver.droppedRecords;
    result.stores = storesOf(ops, driver);
  } catch (error) {
    if (!(error instanceof StreamsError)) throw error;
    const input = phase === 'run' ? { input: out.length } : {};
    result.error = { phase, class: CLASSES[error.code] ?? error.code, ...input };
  }
  return result;
}

function pipe(driver: TopologyTestDriver, input: GoldenCase['in'][number]): void {
  if ('wall' in input) {
    driver.advanceWallClockTime(input.wall);
    return;
  }
  const [name, key, value, ms, texts = []] = input;
  const headers = texts.map(([header, x]) => ({ key: header, value: Buffer.from(x) }));
  const topic = { name, key: serdes.string, value: serdes.string };
  driver.createInputTopic(topic).pipeInput(value, key, ms, { headers });
}

function internalTopics(topology: Topology): unknown[] {
  return topology.plan('app').internalTopics.map(({ config, ...topic }) => {
    const { 'message.timestamp.type': _always, ...rest } = config;
    return { ...topic, config: rest };
  });
}

const order = <T>(a: T, b: T): number => (a < b ? -1 : Number(a > b));
const byTopic = (a: ProducedRecord, b: ProducedRecord): number => order(a.topic, b.topic);
const hex = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('hex');
const withHeaders = (row: unknown[], headers: unknown[]): unknown[] => (headers.length === 0 ? row : [...row, headers]);

function inHex({ topic, key, value, timestamp, headers }: ProducedRecord): unknown[] {
  // The time of a buffer's changelog record is the producer's.
  const row = [topic, hex(key), hex(value), timestamp === -1 ? null : timestamp];
  return withHeaders(
    row,
    headers.map((header) => [header.key, hex(header.value)]),
  );
}

function inText({ topic, key, value, timestamp, headers }: ProducedRecord, sinks: Calls['sinks']): unknown[] {
  const sink = sinks.find(({ writes }) => writes(topic));
  if (sink === undefined) return [];
  const read = (serde: Serde<unknown>, bytes: Uint8Array | null): unknown =>
    bytes && serde.open({ topic, part: 'value' }).deserialize(bytes);
  const row = [topic, keyForm(read(sink.key, key)), read(sink.value, value), timestamp];
  return [
    withHeaders(
      row,
      headers.map((header) => [header.key, Buffer.from(header.value ?? []).toString()]),
    ),
  ];
}

const keyForm = (key: unknown): unknown => (key instanceof Windowed ? [key.key, key.startMs, key.endMs] : key);

/** The rows of every store that the case named. */
function storesOf(ops: readonly Op[], driver: TopologyTestDriver): Record<string, unknown[]> {
  const plain = ops.flatMap(({ op, name = '' }) => (op === 'stateStore' ? [name] : []));
  const named = ops.flatMap(({ store }) => (store?.['name'] as string | undefined) ?? []);
  const names = [...plain, ...named].filter((name) => driver.allStateStores().has(name));
  return Object.fromEntries(names.map((name) => [name, rowsOf(driver, name, plain.includes(name)).sort(byKey)]));
}

function rowsOf(driver: TopologyTestDriver, name: string, isPlain: boolean): unknown[][] {
  switch (driver.store(name).kind) {
    case 'window': {
      const store = driver.windowStore<string, unknown>(name);
      return [...store.all()].map(({ key, windowStartMs: start, value, timestamp }) => [
        [key, start, start + store.windowSizeMs],
        value,
        timestamp,
      ]);
    }
    case 'session':
      return [...driver.sessionStore(name).all()].map((row) => [[row.key, row.startMs, row.endMs], row.value]);
    default:
      return [...driver.keyValueStore(name).all()].map(({ key, value, timestamp }) =>
        isPlain ? [keyForm(key), value] : [keyForm(key), value, timestamp],
      );
  }
}

/** By the text of the key, then start and end of the window. */
function byKey([a]: unknown[], [b]: unknown[]): number {
  const [keyA, startA = 0, endA = 0] = [a].flat() as [string, number?, number?];
  const [keyB, startB = 0, endB = 0] = [b].flat() as [string, number?, number?];
  return order(keyA, keyB) || startA - startB || endA - endB;
}
