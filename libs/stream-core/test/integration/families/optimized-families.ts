import { JoinWindows, serdes } from '@playhead/stream-core';
import { built, inputs, output, pair, streamOf, tableOf, text, texts } from './family-parts.ts';
import type { OperatorFamily } from './operator-family.ts';

const all = { optimize: 'all' } as const;
const longer = (a: string, b: string): string => (b.length > a.length || (b.length === a.length && b > a) ? b : a);

/** Topologies that `optimize` changes, and one whose internal topics all have names of their own. */
export const OPTIMIZED_FAMILIES: readonly OperatorFamily[] = [
  {
    name: 'optimised: a table’s source topic is its changelog',
    inputs: inputs(['stream', 'table'], { seed: 81 }),
    outputs: { out: output(text), kept: output(text) },
    stores: ['rows', 'kept'],
    build: built((builder, topic) => {
      const table = tableOf(builder, topic('table'), 'rows');
      streamOf(builder, topic('stream')).leftJoin(table, pair).to(topic('out'), { value: text });
      table
        .filter((value) => value.startsWith('x'), { storeName: 'kept', ...texts })
        .toStream()
        .to(topic('kept'));
    }, all),
  },
  {
    name: 'optimised: one repartition topic for what two groups need',
    inputs: inputs(['in'], { seed: 82 }),
    outputs: { counts: output(serdes.long), longest: output(text) },
    stores: ['counts', 'longest'],
    order: 'table',
    build: built((builder, topic) => {
      const stream = streamOf(builder, topic('in')).filter((value) => value !== null);
      const byLetter = stream.selectKey((value) => value?.slice(0, 1) ?? null);
      byLetter.groupByKey(texts).count({ storeName: 'counts' }).toStream().to(topic('counts'), { value: serdes.long });
      byLetter.groupByKey(texts).reduce(longer, { storeName: 'longest' }).toStream().to(topic('longest'));
    }, all),
  },
  {
    name: 'optimised: one store for a stream joined with itself',
    inputs: inputs(['in'], { seed: 83 }),
    outputs: { out: output(text) },
    stores: [],
    build: built((builder, topic) => {
      const stream = streamOf(builder, topic('in'));
      stream.joinStream(stream, pair, JoinWindows.within(10, { graceMs: 5 })).to(topic('out'), texts);
    }, all),
  },
  {
    name: 'names of one’s own for every store and internal topic',
    inputs: inputs(['in', 'other'], { seed: 84 }, { partitions: 1 }),
    outputs: { counts: output(serdes.long), calm: output(serdes.long), joined: output(text, text, 1) },
    stores: ['by-letter', 'by-key'],
    build: built(
      (builder, topic) => {
        const stream = streamOf(builder, topic('in')).filter((value) => value !== null);
        const grouped = stream.groupBy((value) => value?.slice(0, 1) ?? '', { name: 'letters', ...texts });
        const counts = grouped.count({ storeName: 'by-letter' });
        counts.toStream().to(topic('counts'), { value: serdes.long });
        const calm = stream
          .groupByKey()
          .count({ storeName: 'by-key' })
          .suppress({ until: 'TIME_LIMIT', limitMs: 20, name: 'calm' });
        calm.toStream().to(topic('calm'), { value: serdes.long });
        const windows = JoinWindows.within(10, { graceMs: 5 });
        const options = { storeName: 'near', name: 'near' };
        stream.joinStream(streamOf(builder, topic('other')), pair, windows, options).to(topic('joined'), texts);
      },
      { ensureNames: true },
    ),
  },
];
