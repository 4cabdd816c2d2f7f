/** The joins of a declarative case. */
import type { GlobalKTable, KStream, KTable, Serde } from '@playhead/stream-core';
import { JoinWindows, serdes } from '@playhead/stream-core';
import * as f from './case-functions.ts';
import type { Made, Op, Present } from './case-topology.ts';

const text = serdes.string as Serde<unknown> as Serde<Present>;

interface JoinWindow {
  readonly before: number;
  readonly after: number;
  readonly grace?: number;
}

/** What the joins need of the topology so far. */
interface MadeSoFar {
  of(op: Op, field: string): Made;
  /** Options of an op that may have a store. */
  options(op: Op, key: Serde<Present>, value: Serde<Present>): object;
  named(op: Op): { name?: string };
}

/** The ops by their names. */
export const joinOps = (made: MadeSoFar) => {
  const streamOf = (op: Op) => made.of(op, 'in') as Made & { stream: KStream<unknown, unknown> };
  return {
    joinTable: (op: Op): Made => {
      const { stream, key, value } = streamOf(op);
      const table = made.of(op, 'with').table as KTable<unknown, unknown>;
      const joiner = f.resolve(f.joiners, op['fn'] as string);
      const options = { ...made.named(op), key, value, graceMs: op['grace'] as number | undefined };
      const joined =
        op['type'] === 'left'
          ? stream.leftJoin(table as never, joiner, options)
          : stream.join(table as never, joiner, options);
      return { stream: joined, key, value: text };
    },
    joinGlobal: (op: Op): Made => {
      const { stream, key } = streamOf(op);
      const table = made.of(op, 'with').global as GlobalKTable<unknown, unknown>;
      const joiner = f.resolve(f.joiners, op['fn'] as string);
      const selector = f.resolve(f.keySelectors, op['key'] as string);
      const joined =
        op['type'] === 'left'
          ? stream.leftJoinGlobal(table, selector, joiner, made.named(op))
          : stream.joinGlobal(table, selector, joiner, made.named(op));
      return { stream: joined, key, value: text };
    },
    joinStream: (op: Op): Made => {
      const { stream, key, value } = streamOf(op);
      const other = made.of(op, 'with') as Made & { stream: KStream<unknown, unknown> };
      const joiner = f.resolve(f.joiners, op['fn'] as string);
      const { before: beforeMs, after: afterMs, grace: graceMs = 0 } = op['window'] as JoinWindow;
      const { storeName, logging } = op as { storeName?: string; logging?: boolean };
      const options = { ...made.named(op), key, value, otherValue: other.value, storeName, logging };
      const method =
        ({ left: 'leftJoinStream', outer: 'outerJoinStream' } as const)[op['type'] as 'left'] ?? 'joinStream';
      const joined = stream[method](other.stream, joiner, JoinWindows.of({ beforeMs, afterMs, graceMs }), options);
      return { stream: joined, key, value: text };
    },
    joinTables: (op: Op): Made => {
      const { table, key } = made.of(op, 'in') as Made & { table: KTable<unknown, unknown> };
      const other = made.of(op, 'with') as Made & { table: KTable<unknown, unknown> };
      const method = ({ left: 'leftJoin', outer: 'outerJoin' } as const)[op['type'] as 'left'] ?? 'join';
      const options = made.options(op, key, text);
      const joined = table[method](other.table, f.resolve(f.joiners, op['fn'] as string), options);
      return { table: joined as KTable<unknown, unknown>, key, value: text };
    },
    joinFk: (op: Op): Made => {
      const { table, key, value } = made.of(op, 'in') as Made & { table: KTable<unknown, unknown> };
      const other = made.of(op, 'with') as Made & { table: KTable<unknown, unknown> };
      const select = f.resolve(f.keySelectors, op['fk'] as string);
      const joiner = f.resolve(f.joiners, op['fn'] as string);
      const method = op['type'] === 'left' ? 'leftJoinForeignKey' : 'joinForeignKey';
      const serdesOfTables = { leftValue: value, otherValue: other.value };
      const options = { ...made.options(op, key, text), ...serdesOfTables };
      const joined = table[method](other.table, (v) => select(v, null), joiner, options);
      return { table: joined as KTable<unknown, unknown>, key, value: text };
    },
  };
};
