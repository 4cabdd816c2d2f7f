/** Runs a case of the named topologies (appendix A of the reference) through the test driver. */
import { StreamsBuilder, serdes } from '@playhead/stream-core';
import type { ProducedRecord } from '@playhead/stream-core/testing';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { APPENDIX_TOPOLOGIES, topicsOf } from './appendix-topologies.ts';

type Input = [topic: string, key: string | null, value: string | null, timestamp: number];

/** A line of a golden file. */
export interface AppendixCase {
  readonly topology: string;
  readonly case: number;
  readonly dropped: number;
  readonly in: readonly Input[];
  /** One list per input, of `[key, value, timestamp]` in text or `[topic, key, value, timestamp]` in hex. */
  readonly out: readonly (readonly unknown[][])[];
}

/** Whether a case lists every topic in bytes, rather than the output in text. */
export const isInBytes = ({ out }: AppendixCase): boolean => out.some((records) => records[0]?.length === 4);

/** Pipes a case and gives what came out per input, in the form of its line. Throws `RangeError` for an unknown topology. */
export function runAppendixCase(golden: AppendixCase): { out: unknown[]; dropped: number } {
  const define = APPENDIX_TOPOLOGIES[golden.topology];
  if (define === undefined) throw new RangeError(`unknown topology ${golden.topology}`);
  const read = isInBytes(golden) ? asHex : asText;
  const builder = new StreamsBuilder();
  define(builder);
  const driver = new TopologyTestDriver(builder.build());
  const topics = topicsOf(golden.topology).map((name) => ({ name, key: serdes.string, value: serdes.string }));
  const inputs = new Map(topics.map((topic) => [topic.name, driver.createInputTopic(topic)]));
  const out: unknown[] = [];
  for (const [topic, key, value, timestamp] of golden.in) {
    const before = driver.produced.length;
    inputs.get(topic)?.pipeInput(value, key, timestamp);
    out.push(read(driver.produced.slice(before)));
  }
  const dropped = driver.droppedRecords;
  driver.close();
  return { out, dropped };
}

const asText = (records: ProducedRecord[]): unknown[] =>
  records
    .filter(({ topic }) => topic === 'out')
    .map(({ key, value, timestamp }) => [key?.toString() ?? null, value?.toString() ?? null, timestamp]);

/** Topics ascending, within one in the order of production. */
const asHex = (records: ProducedRecord[]): unknown[] =>
  records
    .map(({ topic, key, value, timestamp }) => [
      topic,
      key?.toString('hex') ?? null,
      value?.toString('hex') ?? null,
      timestamp,
    ])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0));
