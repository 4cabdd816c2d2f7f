/** Runs a declarative case (FORMAT.md of the golden files) through the test driver and gives its results in the format's own form. */
import { StreamsError, Windowed, serdes } from '@playhead/stream-core';
import type { Serde, Topology } from '@playhead/stream-core';
import type { ProducedRecord } from '@playhead/stream-core/testing';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { CaseTopology } from './case-topology.ts';
import type { Op } from './case-topology.ts';

type PipedInput = [
  topic: string,
  key: string | null,
  value: string | null,
  timestamp: number,
  headers?: [string, string][],
];
type Input = PipedInput | { wall: number };

/** A line of a golden file. */
export interface DeclarativeCase {
  readonly id: string;
  readonly tags?: readonly string[];
  readonly config?: { readonly optimize?: unknown; readonly cache?: number; readonly ensureNames?: boolean };
  readonly topology: readonly Op[];
  readonly in: readonly Input[];
  readonly raw?: boolean;
  readonly describe?: string;
  readonly internal?: readonly unknown[];
  readonly out?: readonly unknown[];
  readonly dropped?: number;
  readonly stores?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly phase: string; readonly class: string; readonly input?: number };
}

/** The results of a run, in the fields of a line. */
export type CaseResult = Pick<DeclarativeCase, 'describe' | 'internal' | 'out' | 'dropped' | 'stores' | 'error'>;

/** The error classes of the original that ours stand for. */
const CLASSES: Readonly<Record<string, string>> = {
  STREAMS_TOPOLOGY: 'TopologyException',
  STREAMS_ARGUMENT: 'IllegalArgumentException',
  STREAMS_PROCESSOR: 'StreamsException',
  STREAMS_CONFIG: 'ConfigException',
};

export function runCase(golden: DeclarativeCase): CaseResult {
  const cases = new CaseTopology();
  let topology: Topology;
  try {
    topology = cases.build(golden.topology, golden.config?.optimize);
  } catch (error) {
    return { error: { phase: 'build', class: classOf(error) } };
  }
  const text = topology.describe();
  let driver: TopologyTestDriver;
  try {
    driver = new TopologyTestDriver(topology);
  } catch (error) {
    return { describe: text, error: { phase: 'start', class: classOf(error) } };
  }
  const described = { describe: text, internal: internalTopics(topology) };
  const out: unknown[] = [];
  for (const [index, input] of golden.in.entries()) {
    const before = driver.produced.length;
    try {
      pipe(driver, input);
    } catch (error) {
      return { ...described, out, error: { phase: 'run', class: classOf(error), input: index } };
    }
    const records = driver.produced.slice(before);
    out.push(golden.raw === true ? rawOutputs(records) : readOutputs(cases, records));
  }
  return { ...described, out, dropped: driver.droppedRecords, stores: readStores(cases, driver) };
}

function classOf(error: unknown): string {
  if (!(error instanceof StreamsError)) throw error;
  return CLASSES[error.code] ?? error.code;
}

function pipe(driver: TopologyTestDriver, input: Input): void {
  if (!Array.isArray(input)) {
    driver.advanceWallClockTime(input.wall);
    return;
  }
  const [name, key, value, timestamp, headers = []] = input;
  const topic = driver.createInputTopic({ name, key: serdes.string, value: serdes.string });
  topic.pipeInput(value, key, timestamp, { headers: headers.map(([h, x]) => ({ key: h, value: Buffer.from(x) })) });
}

function internalTopics(topology: Topology): unknown[] {
  return topology.plan('app').internalTopics.map(({ config, ...topic }) => {
    const { 'message.timestamp.type': _always, ...rest } = config;
    return { ...topic, config: rest };
  });
}

const byTopic = (a: { topic: string }, b: { topic: string }): number =>
  a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : 0;

const hex = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString('hex'));

/** Every topic, in bytes. */
function rawOutputs(records: readonly ProducedRecord[]): unknown[] {
  return [...records].sort(byTopic).map(({ topic, key, value, timestamp, headers }) => {
    const row = [topic, hex(key), hex(value), timestamp];
    return headers.length === 0 ? row : [...row, headers.map((header) => [header.key, hex(header.value)])];
  });
}

function readOutputs(cases: CaseTopology, records: readonly ProducedRecord[]): unknown[] {
  const sorted = records.filter(({ topic }) => sinkOf(cases, topic) !== undefined);
  return sorted.sort(byTopic).map(({ topic, key, value, timestamp, headers }) => {
    const sink = sinkOf(cases, topic) as { key: Serde<unknown>; value: Serde<unknown> };
    const row = [topic, keyForm(read(sink.key, topic, key)), read(sink.value, topic, value), timestamp];
    if (headers.length === 0) return row;
    return [...row, headers.map((header) => [header.key, Buffer.from(header.value ?? []).toString()])];
  });
}

function sinkOf({ sinks }: CaseTopology, topic: string) {
  return sinks.find((sink) => (sink.isPrefix ? topic.startsWith(sink.topic) : topic === sink.topic));
}

function read(serde: Serde<unknown>, topic: string, bytes: Uint8Array | null): unknown {
  return bytes === null ? null : serde.open({ topic, part: 'value' }).deserialize(bytes);
}

const keyForm = (key: unknown): unknown => (key instanceof Windowed ? [key.key, key.startMs, key.endMs] : key);

function readStores(cases: CaseTopology, driver: TopologyTestDriver): Record<string, unknown[]> {
  const found: Record<string, unknown[]> = {};
  for (const { name, hasTimestamp } of cases.stores) found[name] = readStore(driver, name, hasTimestamp);
  return found;
}

function readStore(driver: TopologyTestDriver, name: string, hasTimestamp: boolean): unknown[] {
  if (driver.store(name).kind === 'key-value') {
    return Array.from(driver.keyValueStore(name).all(), ({ key, value, timestamp }) =>
      hasTimestamp ? [keyForm(key), value, timestamp] : [keyForm(key), value],
    );
  }
  const store = driver.windowStore<string, unknown>(name);
  return Array.from(store.all(), ({ key, windowStartMs, value, timestamp }) => [
    [key, windowStartMs, windowStartMs + store.windowSizeMs],
    value,
    timestamp,
  ]).sort(([a], [b]) => {
    const [keyA, startA] = a as [string, number];
    const [keyB, startB] = b as [string, number];
    return keyA < keyB ? -1 : keyA > keyB ? 1 : startA - startB;
  });
}
