/** Runs a case through the test driver and gives its results in the form of a golden line. */
import { StreamsError, Windowed, serdes } from '@playhead/stream-core';
import type { Optimization, Serde, StateStore, Topology } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import type { ProducedRecord } from '@playhead/stream-core/testing';
import { callAll } from './calls.ts';
import type { CaseResult, GoldenCase, Op } from './golden-case.ts';

/** The error classes of the original that ours stand for: stream-core's docs/differences.md. */
const CLASSES: Readonly<Record<string, string>> = {
  STREAMS_TOPOLOGY: 'TopologyException',
  STREAMS_TOPIC: 'InvalidTopicException',
  STREAMS_ARGUMENT: 'IllegalArgumentException',
  STREAMS_CONFIG: 'ConfigException',
  STREAMS_PROCESSOR: 'StreamsException',
  STREAMS_STATE_STORE: 'StreamsException',
};

/** Throws what is no error of the library's own: a case that cannot be read, a defect. */
export function runCase({ topology: ops, in: inputs, config = {}, raw = false, columns }: GoldenCase): CaseResult {
  const result: CaseResult = {};
  const out: unknown[][][] = [];
  let phase = 'build';
  try {
    const { builder, sinks } = callAll(ops);
    const optimize = String(config.optimize ?? 'none').split(',') as Optimization[];
    const topology = builder.build({ optimize, ensureNames: config.ensureNames });
    result.describe = topology.describe();
    phase = 'start';
    const driver = new TopologyTestDriver(topology, { cacheMaxBytes: config.cache });
    result.internal = internalTopics(topology);
    result.out = out;
    phase = 'run';
    for (const input of inputs) {
      const before = driver.produced.length;
      pipe(driver, input);
      const records = driver.produced.slice(before).sort((a, b) => order(a.topic, b.topic));
      out.push(raw ? records.map((record) => inHex(record).slice(0, columns)) : inText(records, sinks));
    }
    result.dropped = driver.droppedRecords;
    result.stores = storesOf(ops, driver);
  } catch (error) {
    if (!(error instanceof StreamsError)) throw error;
    const at = phase === 'run' ? { input: out.length } : {};
    result.error = { phase, class: CLASSES[error.code] ?? error.code, ...at };
  }
  return result;
}

function pipe(driver: TopologyTestDriver, input: GoldenCase['in'][number]): void {
  if ('wall' in input) return driver.advanceWallClockTime(input.wall);
  const [name, key, value, ms, texts = []] = input;
  const headers = texts.map(([header, text]) => ({ key: header, value: Buffer.from(text) }));
  driver.createInputTopic({ name, key: serdes.string, value: serdes.string }).pipeInput(value, key, ms, { headers });
}

function internalTopics(topology: Topology): unknown[] {
  return topology.plan('app').internalTopics.map(({ config, ...topic }) => {
    const { 'message.timestamp.type': _always, ...rest } = config;
    return { ...topic, config: rest };
  });
}

const order = <T>(a: T, b: T): number => (a < b ? -1 : Number(a > b));
const hex = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('hex');
const keyForm = (key: unknown): unknown => (key instanceof Windowed ? [key.key, key.startMs, key.endMs] : key);

function inHex({ topic, key, value, timestamp, headers }: ProducedRecord): unknown[] {
  const texts = headers.map((header) => [header.key, hex(header.value)]);
  // The time of a buffer's changelog record is the producer's.
  return [topic, hex(key), hex(value), timestamp === -1 ? null : timestamp, ...(texts.length === 0 ? [] : [texts])];
}

type Sinks = ReturnType<typeof callAll>['sinks'];

/** Of the topics that a `to` writes. */
function inText(records: readonly ProducedRecord[], sinks: Sinks): unknown[][] {
  return records.flatMap(({ topic, key, value, timestamp, headers }) => {
    const sink = sinks.find(({ writes }) => writes(topic));
    if (sink === undefined) return [];
    const read = (serde: Serde<unknown>, bytes: Uint8Array | null): unknown =>
      bytes && serde.open({ topic, part: 'value' }).deserialize(bytes);
    const texts = headers.map((header) => [header.key, Buffer.from(header.value ?? []).toString()]);
    const row = [topic, keyForm(read(sink.key, key)), read(sink.value, value), timestamp];
    return [texts.length === 0 ? row : [...row, texts]];
  });
}

/** The rows of every store that the case named and the topology has. */
function storesOf(ops: readonly Op[], driver: TopologyTestDriver): Record<string, unknown[]> {
  const plain = ops.flatMap(({ op, name = '' }) => (op === 'stateStore' ? [name] : []));
  const kept = ops.flatMap(({ store }) => (store?.['name'] as string | undefined) ?? []);
  const names = [...plain, ...kept].filter((name) => driver.allStateStores().has(name));
  return Object.fromEntries(names.map((name) => [name, rowsOf(driver.store(name), plain.includes(name))]));
}

interface Row extends Partial<Record<'timestamp' | 'windowStartMs' | 'startMs' | 'endMs', number>> {
  readonly key: unknown;
  readonly value: unknown;
}

/** Those of sessions have no timestamp, those of the user's own stores show none. */
function rowsOf(store: StateStore, isPlain: boolean): unknown[][] {
  const { windowSizeMs = 0 } = store as { windowSizeMs?: number };
  const rows = Array.from((store as StateStore & { all(): Iterable<Row> }).all(), ({ windowStartMs, ...row }) => {
    const { value, timestamp, startMs = windowStartMs } = row;
    const key = startMs === undefined ? keyForm(row.key) : [row.key, startMs, row.endMs ?? startMs + windowSizeMs];
    return timestamp === undefined || isPlain ? [key, value] : [key, value, timestamp];
  });
  return rows.sort(([a], [b]) => {
    const [x, y] = [a, b].map((key) => [key].flat() as (string | number)[]) as [
      (string | number)[],
      (string | number)[],
    ];
    const i = x.findIndex((part, n) => part !== y[n]);
    return i < 0 ? 0 : order(x[i] as string, y[i] as string);
  });
}
