/** The functions that declarative cases name: `name` or `name:argument`. T(x) is the text of x. */
import type { Processor, ProcessorContext, KeyValueStore, StreamRecord } from '@playhead/stream-core';
import { Windowed } from '@playhead/stream-core';

type Fn<A extends unknown[], R = unknown> = (...args: A) => R;

export function T(x: unknown): string {
  return String(x);
}

const innerText = (key: unknown): string => (key instanceof Windowed ? T(key.key) : T(key));
const orNull = (v: unknown, make: (text: string) => string | null): string | null => (v === null ? null : make(T(v)));
const starts = (v: unknown, x: string): boolean => v !== null && T(v).startsWith(x);

/** Looks a function up in its table. */
export function resolve<F>(table: Record<string, (argument: string) => F>, text: string): F {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const make = table[name];
  if (make === undefined) throw new RangeError(`unknown function ${text}`);
  return make(colon < 0 ? '' : text.slice(colon + 1));
}

export const valueMappers: Record<string, (x: string) => Fn<[v: unknown, k: unknown]>> = {
  id: () => (v) => v,
  text: () => (v) => orNull(v, (t) => t),
  upper: () => (v) => orNull(v, (t) => t.toUpperCase()),
  append: (x) => (v) => orNull(v, (t) => t + x),
  prepend: (x) => (v) => orNull(v, (t) => x + t),
  appendAll: (x) => (v) => T(v) + x,
  nullIfStarts: (x) => (v) => (v === null || starts(v, x) ? null : T(v)),
  length: () => (v) => orNull(v, (t) => String(t.length)),
  first: () => (v) => orNull(v, (t) => t.slice(0, 1)),
  withKey: () => (v, k) => `${T(k)}:${T(v)}`,
};

const charOf = (v: unknown, at: number): string | null => (v === null || T(v) === '' ? null : (T(v).at(at) as string));

export const keySelectors: Record<string, (x: string) => Fn<[v: unknown, k: unknown]>> = {
  key: () => (_v, k) => k,
  value: () => (v) => orNull(v, (t) => t),
  const: (x) => () => x,
  firstCharOfValue: () => (v) => charOf(v, 0),
  lastCharOfValue: () => (v) => charOf(v, -1),
  lastUnless: (x) => (v) => (starts(v, x) ? null : charOf(v, -1)),
  keyPlus: (x) => (_v, k) => orNull(k, (t) => t + x),
  beforeColon: () => (v) => (v === null || !T(v).includes(':') ? null : T(v).split(':')[0]),
  innerKey: () => (_v, k) => (k instanceof Windowed ? k.key : k),
  textKey: () => (_v, k) => orNull(k, (t) => t),
};

const unitSum = (text: string): number => text.split('').reduce((sum, unit) => sum + unit.charCodeAt(0), 0);

export const predicates: Record<string, (x: string) => Fn<[v: unknown, k: unknown], boolean>> = {
  all: () => () => true,
  none: () => () => false,
  nonNull: () => (v) => v !== null,
  valueStarts: (x) => (v) => starts(v, x),
  valueNot: (x) => (v) => v === null || T(v) !== x,
  keyIs: (x) => (_v, k) => k !== null && innerText(k) === x,
  keyNot: (x) => (_v, k) => k === null || innerText(k) !== x,
  lengthEven: () => (v) => v === null || T(v).length % 2 === 0,
  sumEven: () => (v) => v !== null && unitSum(T(v)) % 2 === 0,
};

export const flatMappers: Record<string, (x: string) => Fn<[v: unknown], unknown[]>> = {
  splitComma: () => (v) => (v === null ? [] : T(v).split(',')),
  twice: () => (v) => [orNull(v, (t) => t), `${T(v)}2`],
  noneIfStarts: (x) => (v) => (v === null || starts(v, x) ? [] : [T(v)]),
};

export const initializers: Record<string, (x: string) => Fn<[], string>> = {
  empty: () => () => '',
  const: (x) => () => x,
};

export const aggregators: Record<string, (x: string) => Fn<[a: unknown, v: unknown, k: unknown]>> = {
  concat: () => (a, v) => `${T(a)}+${T(v)}`,
  minus: () => (a, v) => `${T(a)}-${T(v)}`,
  concatKey: () => (a, v, k) => `${T(a)}+${T(k)}=${T(v)}`,
  tag: (x) => (a, v) => `${T(a)}+${x}${T(v)}`,
  last: () => (_a, v) => T(v),
  max: () => (a, v) => (T(v) > T(a) ? T(v) : T(a)),
  keep: () => (a) => a,
  concatOrNull: (x) => (a, v) => (starts(v, x) ? null : `${T(a)}+${T(v)}`),
};

export const reducers: Record<string, (x: string) => Fn<[a: unknown, b: unknown]>> = {
  join: (x) => (a, b) => `${T(a)}${x}${T(b)}`,
  last: () => (_a, b) => b,
  first: () => (a) => a,
  max: () => (a, b) => (T(b) > T(a) ? b : a),
  min: () => (a, b) => (T(b) < T(a) ? b : a),
};

export const joiners: Record<string, (x: string) => Fn<[l: unknown, r: unknown, k: unknown]>> = {
  pair: () => (l, r) => `${T(l)}/${T(r)}`,
  pairKey: () => (l, r, k) => `${T(k)}=${T(l)}/${T(r)}`,
  left: () => (l) => orNull(l, (t) => t),
  right: () => (_l, r) => orNull(r, (t) => t),
};

type Row = StreamRecord<unknown, unknown>;

/** A processor that only looks at records. */
const simple = (process: (record: Row, context: ProcessorContext<unknown, unknown>) => void) => () => {
  let context: ProcessorContext<unknown, unknown>;
  return {
    init: (given: ProcessorContext<unknown, unknown>) => {
      context = given;
    },
    process: (record: Row) => process(record, context),
  };
};

function ticking(type: 'STREAM_TIME' | 'WALL_CLOCK_TIME', intervalMs: number): () => Processor<unknown, unknown> {
  return () => {
    let context: ProcessorContext<unknown, unknown>;
    return {
      init(given) {
        context = given;
        context.schedule(intervalMs, type, (timestamp) =>
          context.forward({ key: 'tick', value: String(timestamp), timestamp, headers: [] }),
        );
      },
      process: (record) => context.forward(record),
    };
  };
}

export const processors: Record<string, (x: string) => () => Processor<unknown, unknown>> = {
  forward: () => simple((record, context) => context.forward(record)),
  dropNull: () => simple((record, context) => record.value !== null && context.forward(record)),
  twice: () =>
    simple((record, context) => {
      context.forward(record);
      context.forward({ ...record, value: `${T(record.value)}2`, timestamp: record.timestamp + 1 });
    }),
  chain: (name) => () => {
    let context: ProcessorContext<unknown, unknown>;
    let store: KeyValueStore<unknown, unknown>;
    return {
      init(given) {
        context = given;
        store = context.getStateStore(name);
      },
      process(record) {
        if (record.key === null) {
          context.forward(record);
          return;
        }
        const old = store.get(record.key);
        store.put(record.key, record.value);
        context.forward({ ...record, value: `${T(old)}>${T(record.value)}` });
      },
    };
  },
  addHeader: (text) =>
    simple((record, context) => {
      const [key = '', value = ''] = text.split('=');
      context.forward({ ...record, headers: [...record.headers, { key, value: Buffer.from(value) }] });
    }),
  streamTick: (n) => ticking('STREAM_TIME', Number(n)),
  wallTick: (n) => ticking('WALL_CLOCK_TIME', Number(n)),
};
