import { JoinWindows, SessionWindows, SlidingWindows, StreamsBuilder, TimeWindows } from '@playhead/stream-core';
import { serdes, stores } from '@playhead/stream-core';
import type { Serde } from '@playhead/stream-core';
import { functionOf } from './functions.ts';
import type { Op } from './golden-case.ts';

/** What a call gave (a stream, a table, a grouping), with the serdes of its keys and values. */
interface Made {
  readonly on: object;
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
}

/** How an op calls the DSL. What is left out stays as it is: the method has the op's name, the serdes are the input's. */
interface Operator {
  readonly method?: string;
  /** Kinds of functions with the field that names one, or `ARGUMENTS`; what the op does not have is left out. */
  readonly args: string;
  /** A field: its function is `key` or `id`, which keeps the type, or makes text. Or no field, for what always makes text. */
  readonly key?: string;
  readonly value?: string;
}

/** By `op`; methods of left and outer joins begin so. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  stream: { args: 'topics options' },
  table: { args: 'topic read' },
  globalTable: { args: 'topic read' },
  stateStore: { method: 'addStateStore', args: 'plainStore' },
  filter: { args: 'predicate:fn kept' },
  filterNot: { args: 'predicate:fn kept' },
  mapValues: { args: 'valueMapper:fn kept', value: 'fn' },
  map: { args: 'pair named', key: 'key', value: 'value' },
  flatMap: { args: 'pairs named', key: 'key', value: 'text' },
  flatMapValues: { args: 'flatMapper:fn named', value: 'text' },
  selectKey: { args: 'keySelector:fn named', key: 'fn' },
  peek: { args: 'nothing named' },
  merge: { args: 'other named' },
  repartition: { args: 'options' },
  toTable: { args: 'options' },
  toStream: { args: 'named' },
  split: { args: 'named' },
  branch: { args: 'predicate:fn named' },
  defaultBranch: { args: 'named' },
  to: { args: 'topic topicFunction:topicFn options' },
  groupByKey: { args: 'options' },
  groupBy: { args: 'keySelector:fn options', key: 'fn' },
  tableGroupBy: { method: 'groupBy', args: 'pair options', key: 'key', value: 'value' },
  count: { args: 'options', value: 'long' },
  reduce: { args: 'reducer:fn reducer:sub options', value: 'text' },
  aggregate: { args: 'initializer:init aggregator:fn aggregator:sub merger:merger options', value: 'text' },
  cogroup: { method: 'aggregate', args: 'initializer:init merger:merger options', value: 'text' },
  joinStream: { method: 'joinStream', args: 'other joiner:fn joinWindows joined', value: 'text' },
  joinTable: { method: 'join', args: 'other joiner:fn joined', value: 'text' },
  joinGlobal: { method: 'joinGlobal', args: 'other keySelector:key joiner:fn named', value: 'text' },
  joinTables: { method: 'join', args: 'other joiner:fn kept', value: 'text' },
  joinFk: { method: 'joinForeignKey', args: 'other foreignKey joiner:fn keptForeign', value: 'text' },
  suppress: { args: 'options' },
  process: { args: 'processor:fn named', value: 'text' },
  processValues: { args: 'processor:fn named', value: 'text' },
};

const TEXT = serdes.string as Serde<unknown>;
const LONG = serdes.long as Serde<unknown>;

const named = ({ name, stores: names }: Op): object => ({ ...(name === undefined ? {} : { name }), stores: names });

/** Everything that the op says, in the DSL's words: no call looks at options that it does not know. */
function optionsOf(op: Op, { key, value }: Omit<Made, 'on'>): object {
  const { store, grace: graceMs, partitions, until, ms: limitMs, maxRecords, maxBytes } = op;
  const { name: storeName = op['storeName'], retention: retentionMs, versioned: historyMs } = store ?? {};
  const { caching, logging = op['logging'] } = store ?? {};
  const buffer = { until: until === 'timeLimit' ? 'TIME_LIMIT' : 'WINDOW_CLOSES', limitMs, maxRecords, maxBytes };
  const whenFull = op['full'] === 'shutdown' ? 'SHUT_DOWN' : 'EMIT';
  const kept = { storeName, retentionMs, historyMs, caching, logging };
  return { ...named(op), key, value, ...kept, graceMs, partitions, ...buffer, whenFull };
}

type Mapper = (v: unknown, k: unknown) => unknown;

interface Calling {
  readonly op: Op;
  readonly input: Made;
  /** What will come of it; windowed keys not yet windowed. */
  readonly made: Omit<Made, 'on'>;
  readonly other: Made;
}

/** What an operator is called with besides functions. */
const ARGUMENTS: Readonly<Record<string, (calling: Calling) => unknown>> = {
  topics: ({ op }) => op['topics'] ?? [op['topic']],
  topic: ({ op }) => op['topic'],
  named: ({ op }) => named(op),
  options: ({ op, made }) => (op.store === null ? named(op) : optionsOf(op, made)),
  joined: ({ op, input, other }) => ({ ...optionsOf(op, input), otherValue: other.value }),
  kept: ({ op, made }) => (op.store === undefined ? named(op) : optionsOf(op, made)),
  keptForeign: ({ op, input, made, other }) => {
    const options = op.store === undefined ? named(op) : optionsOf(op, made);
    return { ...options, value: made.value, leftValue: input.value, otherValue: other.value };
  },
  read: ({ op, made }) => ({ ...(op.store === undefined ? named(op) : optionsOf(op, made)), key: TEXT, value: TEXT }),
  plainStore: ({ op: { name = '', logging } }) =>
    stores.keyValue({ name, key: TEXT, value: TEXT, logging: logging !== false }),
  other: ({ other }) => other.on,
  pair: ({ op }) => {
    const [key, value] = [functionOf('keySelector', op['key']), functionOf('valueMapper', op['value'])];
    return ((v, k) => ({ key: key(v, k), value: value(v, k) })) satisfies Mapper;
  },
  pairs: ({ op }) => {
    const [key, values] = [functionOf('keySelector', op['key']), functionOf('flatMapper', op['values'])];
    return ((v, k) => (values(v) as unknown[]).map((value) => ({ key: key(value, k), value }))) satisfies Mapper;
  },
  nothing: () => () => {},
  foreignKey:
    ({ op }) =>
    (v: unknown) =>
      functionOf('keySelector', op['fk'])(v, null),
  joinWindows: ({ op: { window: { before: beforeMs, after: afterMs, grace: graceMs } = NO_WINDOW } }) =>
    JoinWindows.of({ beforeMs, afterMs, graceMs }),
};

function argumentsOf(args: string, calling: Calling): unknown[] {
  return args.split(' ').flatMap((argument) => {
    const [kind = '', field] = argument.split(':');
    const found = field === undefined ? ARGUMENTS[kind]?.(calling) : calling.op[field];
    if (found === undefined) return [];
    return [field === undefined ? found : functionOf(kind, found)];
  });
}

type Window = NonNullable<Op['window']>;
const NO_WINDOW = {} as Window;

function windowsOf({ type, size, advance, diff, gap, grace: graceMs }: Window): object {
  if (type === 'sliding') return SlidingWindows.of({ timeDifferenceMs: diff, graceMs });
  if (type === 'session') return SessionWindows.of({ inactivityGapMs: gap, graceMs });
  return TimeWindows.of({ sizeMs: size, advanceMs: advance, graceMs });
}

function windowed({ type, size, diff }: Window, key: Serde<unknown>): Serde<unknown> {
  if (type === undefined) return key;
  return type === 'session' ? serdes.sessionWindowed(key) : serdes.timeWindowed(key, type === 'time' ? size : diff);
}

function serdeBy(field: string | undefined, op: Op, kept: Serde<unknown>): Serde<unknown> {
  if (field === 'long') return LONG;
  return field === undefined || op[field] === 'key' || op[field] === 'id' ? kept : TEXT;
}

/** An op of the format as calls that each have one result. */
function expand(op: Op): Op[] {
  const id = `${op.op} of ${op.id ?? op.branches?.[0]?.id}`;
  if (op.branches !== undefined) {
    const branches = op.branches.map((branch) => ({ ...branch, op: 'branch', in: id }));
    return [{ ...op, id }, ...branches, ...(op.default ? [{ ...op.default, op: 'defaultBranch', in: id }] : [])];
  }
  if (op.op !== 'toStream' || op['key'] === undefined) return [op];
  return [
    { ...op, id },
    { op: 'selectKey', id: op.id ?? '', in: id, fn: op['key'] as string },
  ];
}

function call(on: object, method: string, ...args: readonly unknown[]): object {
  const found = (on as Readonly<Record<string, unknown>>)[method];
  if (typeof found !== 'function') throw new RangeError(`${on.constructor.name} has no ${method}`);
  return Reflect.apply(found, on, args) as object;
}

/** A topology in the making. */
export class Calls {
  readonly builder = new StreamsBuilder();
  readonly sinks: (Omit<Made, 'on'> & { readonly writes: (topic: string) => boolean })[] = [];
  readonly #made = new Map<string | undefined, Made>([[undefined, { on: this.builder, key: TEXT, value: TEXT }]]);

  /** Throws what the DSL throws, and `RangeError` for an op that cannot be read. */
  apply(given: Op): void {
    for (const op of expand(given)) {
      const merger = op.window?.type === 'session' ? { merger: 'bar' } : {};
      const window = op.window && { window: { ...op.window, grace: op.window.grace ?? 0 } };
      this.#apply({ init: 'empty', value: 'id', ...merger, ...op, ...window });
    }
  }

  #apply(op: Op): void {
    const operator = OPERATORS[op.op];
    if (operator === undefined) throw new RangeError(`unknown op ${op.op}`);
    const input = this.#find(op.in ?? op.inputs?.[0]?.in);
    const made = { key: serdeBy(operator.key, op, input.key), value: serdeBy(operator.value, op, input.value) };
    const { method = op.op } = operator;
    const isInner = op.type !== 'left' && op.type !== 'outer';
    const args = argumentsOf(operator.args, { op, input, made, other: this.#find(op.with) });
    const on = call(this.#grouped(op, input.on), isInner ? method : op.type + method.replace('j', 'J'), ...args);
    if (op.id !== undefined) this.#made.set(op.id, { ...made, on, key: windowed(op.window ?? NO_WINDOW, made.key) });
    if (op.op !== 'to') return;
    const prefix = String(op['topicFn']).slice('prefix:'.length);
    this.sinks.push({
      ...made,
      writes: (topic) => topic === op['topic'] || (!op['topic'] && topic.startsWith(prefix)),
    });
  }

  /** Cogrouped and windowed, where the op says so. */
  #grouped({ inputs = [], window, emit }: Op, first: object): object {
    let on = first;
    for (const [i, { in: id, fn }] of inputs.entries()) {
      on = call(on, 'cogroup', ...(i === 0 ? [] : [this.#find(id).on]), functionOf('aggregator', fn));
    }
    if (window?.type !== undefined) on = call(on, 'windowedBy', windowsOf(window));
    return emit === undefined
      ? on
      : call(on, 'emitStrategy', emit === 'close' ? 'ON_WINDOW_CLOSE' : 'ON_WINDOW_UPDATE');
  }

  #find(id: string | undefined): Made {
    const made = this.#made.get(id);
    if (made === undefined) throw new RangeError(`nothing has the id ${id}`);
    return made;
  }
}
