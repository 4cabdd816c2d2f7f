import { SessionWindows, TimeWindows, serdes } from '@playhead/stream-core';
import { built, inputs, listed, output, streamOf, tableOf, text, texts } from './family-parts.ts';
import type { OperatorFamily } from './operator-family.ts';

const windowKey = serdes.timeWindowed(text, 10);
const sessionKey = serdes.sessionWindowed(text);

/** Tables: their operators, their groups, and what is kept back before it goes on. */
export const TABLE_FAMILIES: readonly OperatorFamily[] = [
  {
    name: 'table operators: filter, filterNot, mapValues, toStream',
    inputs: inputs(['in'], { seed: 21 }),
    outputs: { kept: output(text), mapped: output(text), plain: output(text) },
    stores: ['rows', 'kept', 'mapped'],
    build: built((builder, topic) => {
      const table = tableOf(builder, topic('in'), 'rows');
      table
        .filter((value) => value.startsWith('x'), { storeName: 'kept', ...texts })
        .toStream()
        .to(topic('kept'));
      table
        .filterNot((value) => value.startsWith('y'))
        .mapValues((value, key) => `${key}:${value}`, { storeName: 'mapped', ...texts })
        .toStream()
        .to(topic('mapped'));
      table.toStream().to(topic('plain'));
    }),
  },
  {
    name: 'grouped table: count, reduce, aggregate',
    inputs: inputs(['in'], { seed: 22, value: (index, random) => `${'xyz'[Math.floor(random * 3)]}:${index}` }),
    outputs: { counts: output(serdes.long), sums: output(serdes.long) },
    stores: ['counts', 'sums'],
    // A row that changes its group is subtracted in one partition and added in another.
    order: 'table',
    build: built((builder, topic) => {
      const table = tableOf(builder, topic('in'), 'rows');
      table
        .groupBy((value) => ({ key: value.slice(0, 1), value }), { name: 'by-letter', ...texts })
        .count({ storeName: 'counts' })
        .toStream()
        .to(topic('counts'), { value: serdes.long });
      table
        .groupBy((value) => ({ key: value.slice(0, 1), value: Number(value.slice(2)) }), {
          name: 'numbers',
          key: text,
          value: serdes.long,
        })
        .reduce(
          (sum, value) => sum + value,
          (sum, value) => sum - value,
          { storeName: 'sums' },
        )
        .toStream()
        .to(topic('sums'), { value: serdes.long });
    }),
  },
  {
    name: 'grouped table of one partition: every step of subtracting and adding',
    inputs: inputs(['in'], { seed: 23 }, { partitions: 1 }),
    outputs: { out: output(text, text, 1) },
    stores: ['groups'],
    build: built((builder, topic) => {
      tableOf(builder, topic('in'), 'rows')
        .groupBy((value) => ({ key: value.slice(0, 1), value }), { name: 'by-letter', ...texts })
        .aggregate(
          () => '',
          listed,
          (aggregate, value) => `${aggregate}-${value}`,
          { storeName: 'groups', value: text },
        )
        .toStream()
        .to(topic('out'));
    }),
  },
  {
    name: 'suppress for a time',
    inputs: inputs(['in'], { seed: 24 }),
    outputs: { out: output(text), early: output(text) },
    stores: ['rows'],
    build: built((builder, topic) => {
      const table = tableOf(builder, topic('in'), 'rows');
      table.suppress({ until: 'TIME_LIMIT', limitMs: 20, name: 'calm' }).toStream().to(topic('out'));
      table
        .suppress({ until: 'TIME_LIMIT', limitMs: 1_000, maxRecords: 2, name: 'small' })
        .toStream()
        .to(topic('early'));
    }),
  },
  {
    name: 'caches: counts, a table and its filter, final rows',
    inputs: inputs(['in'], { seed: 25 }),
    outputs: { counts: output(serdes.long), kept: output(text) },
    stores: ['counts', 'rows', 'kept'],
    order: 'table',
    cacheMaxBytes: 1_048_576,
    build: built((builder, topic) => {
      const stream = streamOf(builder, topic('in'));
      stream.groupByKey().count({ storeName: 'counts' }).toStream().to(topic('counts'), { value: serdes.long });
      const table = stream.toTable({ storeName: 'rows', ...texts });
      table
        .filter((value) => !value.startsWith('x'), { storeName: 'kept', ...texts })
        .toStream()
        .to(topic('kept'));
    }),
  },
  {
    name: 'small caches: windows and sessions, final rows',
    inputs: inputs(['in'], { seed: 26 }),
    outputs: { windows: output(serdes.long, windowKey), sessions: output(text, sessionKey) },
    stores: ['windows', 'sessions'],
    order: 'table',
    // Room for some of the rows: the others have to go before the commit.
    cacheMaxBytes: 600,
    build: built((builder, topic) => {
      const grouped = streamOf(builder, topic('in')).groupByKey();
      grouped
        .windowedBy(TimeWindows.of({ sizeMs: 10, graceMs: 5 }))
        .count({ storeName: 'windows', retentionMs: 1_000 })
        .toStream()
        .to(topic('windows'), { key: windowKey, value: serdes.long });
      grouped
        .windowedBy(SessionWindows.of({ inactivityGapMs: 10, graceMs: 5 }))
        .aggregate(
          () => '',
          listed,
          (a, b) => `${a}|${b}`,
          { storeName: 'sessions', retentionMs: 1_000, value: text },
        )
        .toStream()
        .to(topic('sessions'), { key: sessionKey });
    }),
  },
];
