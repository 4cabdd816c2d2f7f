import { JoinWindows, TimeWindows, serdes } from '@playhead/stream-core';
import { built, inputs, listed, output, pair, streamOf, tableOf, text, texts, type Text } from './family-parts.ts';
import { START_MS, inputHalves } from './input-rows.ts';
import type { FamilyInput, OperatorFamily } from './operator-family.ts';

const within10 = JoinWindows.within(10, { graceMs: 5 });
const asymmetric = JoinWindows.of({ beforeMs: 3, afterMs: 7, graceMs: 5 });

function streamJoin(
  kind: string,
  method: 'joinStream' | 'leftJoinStream' | 'outerJoinStream',
  seed: number,
): OperatorFamily {
  return {
    name: `stream-stream join, ${kind}`,
    inputs: inputs(['a', 'b'], { seed }),
    outputs: { out: output(text), asymmetric: output(text) },
    stores: [],
    build: built((builder, topic) => {
      const [a, b] = [streamOf(builder, topic('a')), streamOf(builder, topic('b'))];
      a[method](b, pair, within10, { storeName: 'near', name: 'near' }).to(topic('out'), texts);
      a[method](b, pair, asymmetric, { storeName: 'uneven', name: 'uneven' }).to(topic('asymmetric'), texts);
    }),
  };
}

function tableJoin(kind: string, method: 'join' | 'leftJoin' | 'outerJoin', seed: number): OperatorFamily {
  return {
    name: `table-table join, ${kind}`,
    inputs: inputs(['a', 'b'], { seed }),
    outputs: { out: output(text) },
    stores: ['a', 'b', 'joined'],
    build: built((builder, topic) => {
      const [a, b] = [tableOf(builder, topic('a'), 'a'), tableOf(builder, topic('b'), 'b')];
      const joined = a[method](b, pair, { storeName: 'joined', ...texts });
      joined.toStream().to(topic('out'));
    }),
  };
}

/** Rows of a global table; one without a key, which it reads again at every start, comes last. */
function titleHalves(): FamilyInput['halves'] {
  const options = { seed: 37, keys: ['title-1', 'title-3', 'title-5'], counts: [20, 10], nullKeys: 0 } as const;
  const [[first, second]] = inputHalves(1, options) as [FamilyInput['halves']];
  return [first, [...second, { key: null, value: 'nobody', timestamp: START_MS + 999 }]];
}

/** Joins of streams and tables. */
export const JOIN_FAMILIES: readonly OperatorFamily[] = [
  streamJoin('inner', 'joinStream', 31),
  streamJoin('left', 'leftJoinStream', 32),
  streamJoin('outer', 'outerJoinStream', 33),
  {
    name: 'stream-stream join with itself',
    inputs: inputs(['in'], { seed: 34 }),
    outputs: { out: output(text) },
    stores: [],
    build: built((builder, topic) => {
      const stream = streamOf(builder, topic('in'));
      stream.joinStream(stream, pair, within10).to(topic('out'), texts);
    }),
  },
  {
    name: 'stream-table join, inner and left',
    inputs: inputs(['stream', 'table'], { seed: 35 }),
    outputs: { inner: output(text), left: output(text) },
    stores: ['rows'],
    build: built((builder, topic) => {
      const table = tableOf(builder, topic('table'), 'rows');
      const stream = streamOf(builder, topic('stream'));
      stream.join(table, pair).to(topic('inner'), { value: text });
      stream.leftJoin(table, pair).to(topic('left'), { value: text });
    }),
  },
  {
    name: 'stream-global-table join, inner and left',
    inputs: {
      ...inputs(['stream'], { seed: 36, value: (_, random) => `title-${Math.floor(random * 8)}` }),
      titles: {
        partitions: 2,
        isGlobal: true,
        halves: titleHalves(),
      },
    },
    outputs: { inner: output(text), left: output(text) },
    stores: ['titles'],
    build: built((builder, topic) => {
      const titles = builder.globalTable<string, string>(topic('titles'), { storeName: 'titles', ...texts });
      const stream = streamOf(builder, topic('stream'));
      const title = (value: Text): Text => (value === 'title-7' ? null : value);
      stream.joinGlobal(titles, title, pair).to(topic('inner'), { value: text });
      stream.leftJoinGlobal(titles, title, pair).to(topic('left'), { value: text });
    }),
  },
  tableJoin('inner', 'join', 38),
  tableJoin('left', 'leftJoin', 39),
  tableJoin('outer', 'outerJoin', 40),
  {
    name: 'cogroup: plain and by window',
    inputs: inputs(['a', 'b'], { seed: 41 }),
    outputs: { out: output(text), windows: output(text, serdes.timeWindowed(text, 10)) },
    stores: ['groups', 'windows'],
    build: built((builder, topic) => {
      const a = streamOf(builder, topic('a')).groupByKey();
      const b = streamOf(builder, topic('b')).groupByKey();
      const cogrouped = a.cogroup<string>(listed).cogroup(b, (aggregate, value) => `${aggregate}-${value}`);
      cogrouped
        .aggregate(() => '', { storeName: 'groups', value: text })
        .toStream()
        .to(topic('out'));
      const windows = TimeWindows.of({ sizeMs: 10, graceMs: 5 });
      cogrouped
        .windowedBy(windows)
        .aggregate(() => '', { storeName: 'windows', value: text })
        .toStream()
        .to(topic('windows'), { key: serdes.timeWindowed(text, 10) });
    }),
  },
];
