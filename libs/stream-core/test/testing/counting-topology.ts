import { StreamsBuilder, serdes } from '@playhead/stream-core';

export const TEXT = { key: serdes.string, value: serdes.string };
/** A topic of text. */
export const topic = (name: string) => ({ name, ...TEXT });

/** Counts the values of `in`, through a repartition topic, into the store `counts` and the topic `out`. */
export function counting(builder = new StreamsBuilder()): StreamsBuilder {
  builder
    .stream<string, string>('in', TEXT)
    .groupBy((value) => value, { name: 'by-value', ...TEXT })
    .count({ storeName: 'counts' })
    .toStream()
    .to('out');
  return builder;
}
