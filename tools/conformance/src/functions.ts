import type { KeyValueStore, ProcessorContext, PunctuationType, StreamRecord } from '@playhead/stream-core';
import { Windowed } from '@playhead/stream-core';

/** Takes what stands behind the colon, then what the DSL gives: v is the value, k the key, a the aggregate, l and r are the sides of a join. */
type Named = (x: string, ...args: unknown[]) => unknown;
type Row = StreamRecord<unknown, unknown>;
type Context = ProcessorContext<unknown, unknown>;

/** The text of a key or value. */
const T = (value: unknown): string => String(value);
const orNull = (v: unknown, make = (text: string): string | null => text) => (v === null ? null : make(T(v)));
const starts = (v: unknown, x: string): boolean => v !== null && T(v).startsWith(x);
const innerKey = (k: unknown): unknown => (k instanceof Windowed ? k.key : k);
const concat = (a: unknown, v: unknown): string => `${T(a)}+${T(v)}`;

const forward = (record: Row, context: Context): void => context.forward(record);

/** `prepare` is called before the first record. */
function processor(process: (record: Row, context: Context) => void, prepare?: (context: Context) => unknown) {
  let context: Context;
  const init = (given: Context): void => {
    context = given;
    prepare?.(context);
  };
  return { init, process: (record: Row): void => process(record, context) };
}

function ticking(type: PunctuationType, everyMs: number): object {
  const tick = (ms: number): Row => ({ key: 'tick', value: String(ms), timestamp: ms, headers: [] });
  return processor(forward, (context) => context.schedule(everyMs, type, (ms) => context.forward(tick(ms))));
}

/** Section 4 of FORMAT.md, by the kind of function. */
const FUNCTIONS: Readonly<Record<string, Readonly<Record<string, Named>>>> = {
  valueMapper: {
    id: (_x, v) => v,
    text: (_x, v) => orNull(v),
    upper: (_x, v) => orNull(v, (text) => text.toUpperCase()),
    append: (x, v) => orNull(v, (text) => text + x),
    prepend: (x, v) => orNull(v, (text) => x + text),
    appendAll: (x, v) => T(v) + x,
    nullIfStarts: (x, v) => (starts(v, x) ? null : orNull(v)),
    length: (_x, v) => orNull(v, (text) => String(text.length)),
    first: (_x, v) => orNull(v, (text) => text.slice(0, 1)),
    withKey: (_x, v, k) => `${T(k)}:${T(v)}`,
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
    valueNot: (x, v) => v === null || T(v) !== x,
    keyIs: (x, _v, k) => k !== null && T(innerKey(k)) === x,
    keyNot: (x, _v, k) => k === null || T(innerKey(k)) !== x,
    lengthEven: (_x, v) => v === null || T(v).length % 2 === 0,
    sumEven: (_x, v) =>
      v !== null &&
      T(v)
        .split('')
        .filter((unit) => unit.charCodeAt(0) % 2 === 1).length %
        2 ===
        0,
  },
  flatMapper: {
    splitComma: (_x, v) => (v === null ? [] : T(v).split(',')),
    twice: (_x, v) => [orNull(v), `${T(v)}2`],
    noneIfStarts: (x, v) => (v === null || starts(v, x) ? [] : [T(v)]),
  },
  initializer: { empty: () => '', const: (x) => x },
  aggregator: {
    concat: (_x, a, v) => concat(a, v),
    minus: (_x, a, v) => `${T(a)}-${T(v)}`,
    concatKey: (_x, a, v, k) => concat(a, `${T(k)}=${T(v)}`),
    tag: (x, a, v) => concat(a, x + T(v)),
    last: (_x, _a, v) => T(v),
    max: (_x, a, v) => (T(v) > T(a) ? T(v) : T(a)),
    keep: (_x, a) => a,
    concatOrNull: (x, a, v) => (starts(v, x) ? null : concat(a, v)),
  },
  reducer: {
    join: (x, a, v) => T(a) + x + T(v),
    last: (_x, _a, v) => v,
    first: (_x, a) => a,
    max: (_x, a, v) => (T(v) > T(a) ? v : a),
    min: (_x, a, v) => (T(v) < T(a) ? v : a),
  },
  merger: { bar: (_x, a, b) => `${T(a)}|${T(b)}`, second: (_x, _a, b) => b },
  joiner: {
    pair: (_x, l, r) => `${T(l)}/${T(r)}`,
    pairKey: (_x, l, r, k) => `${T(k)}=${T(l)}/${T(r)}`,
    left: (_x, l) => orNull(l),
    right: (_x, _l, r) => orNull(r),
  },
  topicFunction: { prefix: (x, _v, k) => x + T(k) },
  processor: {
    forward: () => processor(forward),
    dropNull: () => processor((record, context) => record.value !== null && context.forward(record)),
    twice: () =>
      processor((record, context) => {
        context.forward(record);
        context.forward({ ...record, value: `${T(record.value)}2`, timestamp: record.timestamp + 1 });
      }),
    chain: (x) =>
      processor(
        (record, context) => {
          if (record.key === null) return context.forward(record);
          const store: KeyValueStore<unknown, unknown> = context.getStateStore(x);
          const value = `${T(store.get(record.key))}>${T(record.value)}`;
          store.put(record.key, record.value);
          context.forward({ ...record, value });
        },
        (context) => context.getStateStore(x),
      ),
    addHeader: (x) =>
      processor((record, context) => {
        const [key = '', value = ''] = x.split('=');
        context.forward({ ...record, headers: [...record.headers, { key, value: Buffer.from(value) }] });
      }),
    streamTick: (x) => ticking('STREAM_TIME', Number(x)),
    wallTick: (x) => ticking('WALL_CLOCK_TIME', Number(x)),
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
