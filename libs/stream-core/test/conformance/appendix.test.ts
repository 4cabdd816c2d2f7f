import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { StreamsBuilder, serdes } from '@playhead/stream-core';
import type { ProducedRecord } from '@playhead/stream-core/testing';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { APPENDIX_TOPOLOGIES, topicsOf } from './appendix-topologies.ts';

type Input = [topic: string, key: string | null, value: string | null, timestamp: number];
interface Golden {
  readonly topology: string;
  readonly case: number;
  readonly dropped: number;
  readonly in: readonly Input[];
  /** One list per input. */
  readonly out: readonly (readonly unknown[][])[];
}

/** Cases made with Kafka Streams 4.3.1; the format is appendix A of the reference. */
function readGoldens(file: string): Golden[] {
  const path = new URL(`../fixtures/${file}`, import.meta.url);
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Golden).filter(({ topology }) => topology in APPENDIX_TOPOLOGIES);
}

/** Pipes a case and gives, per input, what `read` makes of the records produced meanwhile. */
function run(golden: Golden, read: (records: ProducedRecord[]) => unknown[]): { out: unknown[]; dropped: number } {
  const builder = new StreamsBuilder();
  APPENDIX_TOPOLOGIES[golden.topology]?.(builder);
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
      timestamp === -1 ? null : timestamp,
    ])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0));

function groupByTopology(goldens: readonly Golden[]): [string, Golden[]][] {
  return Object.entries(Object.groupBy(goldens, ({ topology }) => topology)) as [string, Golden[]][];
}

describe('what Kafka Streams 4.3.1 gives for the same inputs', () => {
  const goldens = readGoldens('kafka-streams.jsonl.gz');

  test.each(groupByTopology(goldens))('%s: values, order, timestamps and drops', (_name, cases) => {
    expect(cases.length).toBeGreaterThan(0);
    for (const golden of cases) {
      const { out, dropped } = run(golden, asText);
      expect({ case: golden.case, out, dropped }).toEqual({
        case: golden.case,
        out: golden.out,
        dropped: golden.dropped,
      });
    }
  });
});

describe('the bytes that Kafka Streams 4.3.1 writes', () => {
  const goldens = readGoldens('kafka-streams-bytes.jsonl.gz');

  test.each(groupByTopology(goldens))('%s: every topic, changelogs and repartition topics too', (_name, cases) => {
    expect(cases.length).toBeGreaterThan(0);
    for (const golden of cases) {
      expect({ case: golden.case, out: run(golden, asHex).out }).toEqual({ case: golden.case, out: golden.out });
    }
  });
});
