import { StreamsBuilder, serdes } from '@playhead/stream-core';
import type { BuildOptions, KStream, KTable, Serde } from '@playhead/stream-core';
import { inputHalves, type RowOptions } from './input-rows.ts';
import type { FamilyInput, FamilyOutput, OperatorFamily, TopicName } from './operator-family.ts';

/** A value of an input: any may be missing. */
export type Text = string | null;

export const text = serdes.string;
export const texts = { key: text, value: text };
/** Partitions of what a family reads and writes, where it says nothing else. */
export const PARTITIONS = 3;

/** Random input of topics that a task reads together; more partitions or a global table by what follows the names. */
export function inputs(
  names: readonly string[],
  options: RowOptions,
  each: Partial<FamilyInput> = {},
): OperatorFamily['inputs'] {
  const halves = inputHalves(names.length, options);
  return Object.fromEntries(
    names.map((name, at) => [name, { partitions: PARTITIONS, halves: halves[at] ?? [[], []], ...each }]),
  );
}

/** A topic of text keys, or of those that are given. */
export function output<K, V>(
  value: Serde<V>,
  key: Serde<K> = text as unknown as Serde<K>,
  partitions = PARTITIONS,
): FamilyOutput {
  return { partitions, key: key as Serde<never>, value: value as Serde<never> };
}

/** Builds by a function of the builder. */
export function built(
  define: (builder: StreamsBuilder, topic: TopicName) => void,
  options: BuildOptions = {},
): OperatorFamily['build'] {
  return (topic) => {
    const builder = new StreamsBuilder();
    define(builder, topic);
    return builder.build(options);
  };
}

export const streamOf = (builder: StreamsBuilder, topic: string): KStream<Text, Text> =>
  builder.stream<Text, Text>(topic, texts);

export const tableOf = (builder: StreamsBuilder, topic: string, storeName?: string): KTable<string, string> =>
  builder.table<string, string>(topic, { ...texts, storeName });

/** An aggregate that shows which values came in which order. */
export const listed = (aggregate: string, value: Text): string => `${aggregate}+${value}`;
/** A join that shows both sides. */
export const pair = (left: unknown, right: unknown): string => `${left}/${right}`;
