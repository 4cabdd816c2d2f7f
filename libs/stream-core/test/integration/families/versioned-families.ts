import { built, inputs, output, pair, streamOf, text, texts } from './family-parts.ts';
import type { OperatorFamily } from './operator-family.ts';

/** Tables that remember their past. */
export const VERSIONED_FAMILIES: readonly OperatorFamily[] = [
  {
    name: 'stream joined with a versioned table, at once and with grace',
    inputs: inputs(['stream', 'table'], { seed: 71 }),
    outputs: { inner: output(text), left: output(text), waited: output(text), changes: output(text) },
    stores: ['rows'],
    build: built((builder, topic) => {
      const table = builder.table<string, string>(topic('table'), { storeName: 'rows', historyMs: 60, ...texts });
      // The original fails on a record without a key that waits for a versioned table.
      const stream = streamOf(builder, topic('stream')).filter((_, key) => key !== null);
      stream.join(table, pair, { name: 'now' }).to(topic('inner'), { value: text });
      stream.leftJoin(table, pair, { name: 'now-left' }).to(topic('left'), { value: text });
      stream.join(table, pair, { name: 'wait', graceMs: 20, ...texts }).to(topic('waited'), { value: text });
      table.toStream().to(topic('changes'));
    }),
  },
  {
    name: 'versioned tables joined, and one that toTable makes',
    inputs: inputs(['a', 'b'], { seed: 72 }),
    outputs: { out: output(text) },
    stores: ['a', 'b', 'joined'],
    build: built((builder, topic) => {
      const a = streamOf(builder, topic('a')).toTable({ storeName: 'a', historyMs: 40, ...texts });
      const b = builder.table<string, string>(topic('b'), { storeName: 'b', historyMs: 40, ...texts });
      a.leftJoin(b, pair, { storeName: 'joined', ...texts })
        .toStream()
        .to(topic('out'));
    }),
  },
];
