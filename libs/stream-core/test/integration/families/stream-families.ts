import { serdes } from '@playhead/stream-core';
import { built, inputs, output, streamOf, text, texts, type Text } from './family-parts.ts';
import type { OperatorFamily } from './operator-family.ts';

const startsWith = (letter: string) => (value: Text) => value?.startsWith(letter) === true;

/** Operators without state, and what brings records together. */
export const STREAM_FAMILIES: readonly OperatorFamily[] = [
  {
    name: 'stateless chain: filter, filterNot, map, mapValues, flatMap, flatMapValues, selectKey, peek',
    inputs: inputs(['in'], { seed: 1 }),
    outputs: { out: output(text), keyed: output(text) },
    stores: [],
    order: 'key',
    build: built((builder, topic) => {
      const source = streamOf(builder, topic('in'));
      source
        .filter((value) => value !== null)
        .filterNot(startsWith('y'))
        .mapValues((value, key) => `${key}:${value}`)
        .flatMapValues((value) => [value, value.toUpperCase()])
        .map((value, key) => ({ key: `${key}-mapped`, value }))
        .peek(() => {})
        .to(topic('out'), texts);
      source
        .flatMap((value, key) =>
          value === null
            ? []
            : [
                { key, value: '1' },
                { key, value },
              ],
        )
        .selectKey((_, key) => (key === null ? 'nobody' : `${key}-selected`))
        .to(topic('keyed'), texts);
    }),
  },
  {
    name: 'merge, split and branches',
    inputs: inputs(['a', 'b'], { seed: 2 }),
    outputs: { x: output(text), y: output(text), rest: output(text) },
    stores: [],
    build: built((builder, topic) => {
      const branches = streamOf(builder, topic('a'))
        .merge(streamOf(builder, topic('b')))
        .split({ name: 'by-letter-' });
      branches.branch(startsWith('x'), { name: 'x' }).to(topic('x'), texts);
      branches.branch(startsWith('y'), { name: 'y' }).to(topic('y'), texts);
      branches.defaultBranch({ name: 'rest' }).to(topic('rest'), texts);
    }),
  },
  {
    name: 'topics named for each record',
    inputs: inputs(['in'], { seed: 3 }),
    outputs: { x: output(text), others: output(text, text, 2) },
    stores: [],
    order: 'key',
    build: built((builder, topic) => {
      streamOf(builder, topic('in')).to((value) => topic(value?.startsWith('x') === true ? 'x' : 'others'), texts);
    }),
  },
  {
    name: 'repartition and toTable',
    inputs: inputs(['in'], { seed: 4 }, { partitions: 1 }),
    outputs: { out: output(text) },
    stores: ['latest'],
    build: built((builder, topic) => {
      streamOf(builder, topic('in'))
        .selectKey((value, key) => (value === null ? key : value.slice(0, 1)))
        .repartition({ name: 'by-letter', partitions: 3, ...texts })
        .toTable({ storeName: 'latest', ...texts })
        .toStream()
        .to(topic('out'), texts);
    }),
  },
  {
    name: 'groupBy through a repartition topic',
    inputs: inputs(['in'], { seed: 5 }),
    outputs: { out: output(serdes.long) },
    stores: ['letters'],
    order: 'table',
    build: built((builder, topic) => {
      streamOf(builder, topic('in'))
        .filter((value) => value !== null)
        .groupBy((value) => value?.slice(0, 1) ?? 'none', { name: 'letters', ...texts })
        .count({ storeName: 'letters' })
        .toStream()
        .to(topic('out'), { key: text, value: serdes.long });
    }),
  },
  {
    name: 'groupByKey: count, reduce, aggregate',
    inputs: inputs(['in'], { seed: 6 }),
    outputs: { counts: output(serdes.long), longest: output(text), lists: output(text) },
    stores: ['counts', 'longest', 'lists'],
    build: built((builder, topic) => {
      const grouped = streamOf(builder, topic('in')).groupByKey();
      grouped.count({ storeName: 'counts' }).toStream().to(topic('counts'), { value: serdes.long });
      grouped
        .reduce((a, b) => (b.length > a.length ? b : a), { storeName: 'longest' })
        .toStream()
        .to(topic('longest'));
      // Null deletes the aggregate: a long list starts anew.
      const append = (list: string, value: string): string | null => (list.length > 30 ? null : `${list}+${value}`);
      grouped
        .aggregate<string>(() => '', append, { storeName: 'lists', value: text })
        .toStream()
        .to(topic('lists'));
    }),
  },
];
