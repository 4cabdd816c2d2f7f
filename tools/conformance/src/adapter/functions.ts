import type { KeyValueStore, Processor, ProcessorContext, PunctuationType, StreamRecord } from '@playhead/stream-core';
import { Windowed } from '@playhead/stream-core';

/** Takes what stands behind the colon, then what the DSL gives: v is the value, k the key, a the aggregate, l and r are the sides of a join. */
type Named = (x: string, ...args: unknown[]) => unknown;
type Row = StreamRecord<unknown, unknown>;
type Context = ProcessorContext<unknown, unknown>;

const orNull = (v: unknown, make = (text: string): string | null => text) => (v === null ? null : make(String(v)));
const starts = (v: unknown, x: string): boolean => v !== null && String(v).startsWith(x);
const sumOf = (text: string): number => text.split('').reduce((sum, unit) => sum + unit.charCodeAt(0), 0);
const innerKey = (k: unknown): unknown => (k instanceof Windowed ? k.key : k);

/** `prepare` is called before the first record; what it gives, with each. */
function processor(prepare: (context: Context) => (record: Row) => void): Processor<unknown, unknown> {
  let process: (record: Row) => void;
  return { init: (context) => void (process = prepare(context)), process: (record) => process(record) };
}

const ticking = (type: PunctuationType, everyMs: string) =>
  processor((context) => {
    const tick = (ms: number): Row => ({ key: 'tick', value: String(ms), timestamp: ms, headers: [] });
    context.schedule(Number(everyMs), type, (ms) => context.forward(tick(ms)));
    return (record) => context.forward(record);
  });

/** Section 4 of FORMAT.md, by the kind of function. */
const FUNCTIONS: Readonly<Record<string, Readonly<Record<string, Named>>>> = {
  valueMapper: {
    id: (_x, v) => v,
    text: (_x, v) => orNull(v),
    upper: (_x, v) => orNull(v, (text) => text.toUpperCase()),
    append: (x, v) => orNull(v, (text) => text + x),
    prepend: (x, v) => orNull(v, (text) => x + text),
    appendAll: (x, v) => `${v}${x}`,
    nullIfStarts: (x, v) => (starts(v, x) ? null : orNull(v)),
    length: (_x, v) => orNull(v, (text) => String(text.length)),
    first: (_x, v) => orNull(v, (text) => text.slice(0, 1)),
    withKey: (_x, v, k) => `${k}:${v}`,
  },
  keySelector: {
    key: (_x, _v, k) => k,
    value: (_x, v) => orNull(v),
    const: (x) => x,
    firstCharOfValue: (_x, v) => orNull(v, (text) => text.at(0) ?? null),
    lastCharOfValue: (_x, v) => orNull(v, (text) => text.at(-1) ?? null),
    lastUnless: (x, v) => (starts(v, x) ? null : orNull(v, (text) => text.at(-1) ?? null)),
    keyPlus: (x, _v, k) => orNull(k, (text) => text + x),
    beforeColon: (_x, v) => orNull(v, (text) => (text.includes(':') ? text.slice(0, text.indexOf(':')) : null)),
    innerKey: (_x, _v, k) => innerKey(k),
    textKey: (_x, _v, k) => orNull(k),
    /** Of the named topologies only. */
    valueUnless: (x, v) => orNull(v, (text) => (text === x ? null : text)),
  },
  predicate: {
    all: () => true,
    none: () => false,
    nonNull: (_x, v) => v !== null,
    valueStarts: (x, v) => starts(v, x),
    valueNot: (x, v) => v === null || String(v) !== x,
    keyIs: (x, _v, k) => k !== null && String(innerKey(k)) === x,
    keyNot: (x, _v, k) => k === null || String(innerKey(k)) !== x,
    lengthEven: (_x, v) => v === null || String(v).length % 2 === 0,
    sumEven: (_x, v) => v !== null && sumOf(String(v)) % 2 === 0,
  },
  flatMapper: {
    splitComma: (_x, v) => (v === null ? [] : String(v).split(',')),
    twice: (_x, v) => [orNull(v), `${v}2`],
    noneIfStarts: (x, v) => (v === null || starts(v, x) ? [] : [String(v)]),
  },
  initializer: { empty: () => '', const: (x) => x },
  aggregator: {
    concat: (_x, a, v) => `${a}+${v}`,
    minus: (_x, a, v) => `${a}-${v}`,
    concatKey: (_x, a, v, k) => `${a}+${k}=${v}`,
    tag: (x, a, v) => `${a}+${x}${v}`,
    last: (_x, _a, v) => String(v),
    max: (_x, a, v) => (String(v) > String(a) ? String(v) : String(a)),
    keep: (_x, a) => a,
    concatOrNull: (x, a, v) => (starts(v, x) ? null : `${a}+${v}`),
  },
  reducer: {
    join: (x, a, v) => `${a}${x}${v}`,
    last: (_x, _a, v) => v,
    first: (_x, a) => a,
    max: (_x, a, v) => (String(v) > String(a) ? v : a),
    min: (_x, a, v) => (String(v) < String(a) ? v : a),
  },
  merger: { bar: (_x, a, b) => `${a}|${b}`, second: (_x, _a, b) => b },
  joiner: {
    pair: (_x, l, r) => `${l}/${r}`,
    pairKey: (_x, l, r, k) => `${k}=${l}/${r}`,
    left: (_x, l) => orNull(l),
    right: (_x, _l, r) => orNull(r),
  },
  topicFunction: { prefix: (x, _v, k) => `${x}${k}` },
  processor: {
    forward: () => processor((context) => (record) => context.forward(record)),
    dropNull: () => processor((context) => (record) => record.value !== null && context.forward(record)),
    twice: () =>
      processor((context) => (record) => {
        context.forward(record);
        context.forward({ ...record, value: `${record.value}2`, timestamp: record.timestamp + 1 });
      }),
    chain: (x) =>
      processor((context) => {
        const store = context.getStateStore<KeyValueStore<unknown, unknown>>(x);
        return (record) => {
          if (record.key === null) return context.forward(record);
          const value = `${store.get(record.key)}>${record.value}`;
          store.put(record.key, record.value);
          context.forward({ ...record, value });
        };
      }),
    addHeader: (x) =>
      processor((context) => (record) => {
        const [key = '', value = ''] = x.split('=');
        context.forward({ ...record, headers: [...record.headers, { key, value: Buffer.from(value) }] });
      }),
    streamTick: (x) => ticking('STREAM_TIME', x),
    wallTick: (x) => ticking('WALL_CLOCK_TIME', x),
  },
};

/** The function that `name` or `name:argument` stands for; it is called as it is written, for `describe`. Throws `RangeError` for an unknown one. */
export function functionOf(kind: string, written: unknown): (...args: unknown[]) => unknown {
  const text = String(written);
  const [name = ''] = text.split(':', 1);
  const found = FUNCTIONS[kind]?.[name];
  if (found === undefined) throw new RangeError(`unknown ${kind} ${text}`);
  const argument = text.slice(name.length + 1);
  return Object.defineProperty((...args: unknown[]) => found(argument, ...args), 'name', { value: text });
}
