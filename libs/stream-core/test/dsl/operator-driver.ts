import type { KStream, KTable, Serde } from '@playhead/stream-core';
import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

type Text = string | null;
/** A record: topic, key, value, timestamp. */
export type Row = readonly [topic: string, key: Text, value: Text, timestamp: number];
export type TextStream = KStream<Text, Text>;
export type TextTable = KTable<string, string>;

export const TEXT = { key: serdes.string, value: serdes.string };

/** What came out of a topology of texts for these inputs. */
export interface Outcome {
  /** [topic, key, value, timestamp] of every record in a topic whose name starts with `out`, in order. */
  readonly out: unknown[];
  readonly dropped: Record<string, number>;
}

/** Builds, pipes, collects. Values of the outputs are read with `value`. */
export function runTopology(
  define: (builder: StreamsBuilder) => void,
  input: readonly Row[],
  value: Serde<string> | Serde<number> = serdes.string,
): Outcome {
  const builder = new StreamsBuilder();
  define(builder);
  const driver = new TopologyTestDriver(builder.build());
  for (const [name, key, text, timestamp] of input) {
    driver.createInputTopic({ name, ...TEXT }).pipeInput(text, key, timestamp);
  }
  const codec = (value as Serde<unknown>).open({ topic: 'out', part: 'value' });
  const out = driver.produced
    .filter(({ topic }) => topic.startsWith('out'))
    .map((record) => [
      record.topic,
      record.key?.toString() ?? null,
      record.value === null ? null : codec.deserialize(record.value),
      record.timestamp,
    ]);
  const dropped = Object.fromEntries(driver.dropped);
  driver.close();
  return { out, dropped };
}

/** The records of `in` as a stream. */
export const streamIn = (builder: StreamsBuilder, topic = 'in'): TextStream => builder.stream<Text, Text>(topic, TEXT);
