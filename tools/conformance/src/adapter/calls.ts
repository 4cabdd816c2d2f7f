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
  /** The field with the function that decides it: `key` and `id` keep the type, others make text, as does what is no field. */
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
  joinFk: { method: 'joinForeignKey', args: 'other foreignKey joiner:fn foreignKept', value: 'text' },
  suppress: { args: 'options' },
  process: { args: 'processor:fn named', value: 'text' },
  processValues: { args: 'processor:fn named', value: 'text' },
};

const TEXT = serdes.string as Serde<unknown>;
const named = ({ name, stores: names }: Op): object => ({ ...(name === undefined ? {} : { name }), stores: names });

/** Everything that the op says, in the DSL's words: no call looks at options that it does not know. */
function optionsOf(op: Op, { key, value }: Omit<Made, 'on'>): object {
  const { store, full, until, grace: graceMs, ms: limitMs, partitions, maxRecords, maxBytes } = op;
  const { name: storeName = op['storeName'], retention: retentionMs, versioned: historyMs } = store ?? {};
  const { caching, logging = op['logging'] } = store ?? {};
  const kept = { storeName, retentionMs, historyMs, caching, logging };
  const buffer = { limitMs, maxRecords, maxBytes, whenFull: full === 'shutdown' ? 'SHUT_DOWN' : 'EMIT' };
  const waits = { until: until === 'timeLimit' ? 'TIME_LIMIT' : 'WINDOW_CLOSES', graceMs };
  return { ...named(op), key, value, ...kept, partitions, ...buffer, ...waits };
}

type Calling = Readonly<Record<'input' | 'other', Made>> & { readonly op: Op; readonly made: Omit<Made, 'on'> };

const keptAs = ({ op, made }: Calling): object => (op.store === undefined ? named(op) : optionsOf(op, made));

/** What an operator is called with besides functions. `made` has the serdes of the result, before its keys are windowed. */
const ARGUMENTS: Readonly<Record<string, (calling: Calling) => unknown>> = {
  topics: ({ op }) => op['topics'] ?? [op['topic']],
  topic: ({ op }) => op['topic'],
  named: ({ op }) => named(op),
  options: ({ op, made }) => (op.store === null ? named(op) : optionsOf(op, made)),
  joined: ({ op, input, other }) => ({ ...optionsOf(op, input), otherValue: other.value }),
  kept: keptAs,
  foreignKept: (it) => ({ ...keptAs(it), value: TEXT, leftValue: it.input.value, otherValue: it.other.value }),
  read: (it) => ({ ...keptAs(it), key: TEXT, value: TEXT }),
  plainStore: ({ op }) =>
    stores.keyValue({ name: `${op.name}`, key: TEXT, value: TEXT, logging: op['logging'] !== false }),
  other: ({ other }) => other.on,
  pair: ({ op }) => {
    const [key, value] = [functionOf('keySelector', op['key']), functionOf('valueMapper', op['value'])];
    return (v: unknown, k: unknown) => ({ key: key(v, k), value: value(v, k) });
  },
  pairs: ({ op }) => {
    const [key, values] = [functionOf('keySelector', op['key']), functionOf('flatMapper', op['values'])];
    return (v: unknown, k: unknown) => (values(v) as unknown[]).map((value) => ({ key: key(value, k), value }));
  },
  nothing: () => () => {},
  foreignKey:
    ({ op }) =>
    (v: unknown) =>
      functionOf('keySelector', op['fk'])(v, null),
  joinWindows: ({ op: { window } }) => windowsOf(window),
};

/** Those of a join have no type. */
function windowsOf(window: Op['window'] = {}): object {
  const { type = 'join', size: sizeMs, advance: advanceMs, diff: timeDifferenceMs, gap: inactivityGapMs } = window;
  const { before: beforeMs, after: afterMs, grace: graceMs = 0 } = window;
  const lengths = { sizeMs, advanceMs, timeDifferenceMs, inactivityGapMs, beforeMs, afterMs, graceMs };
  const kinds = { time: TimeWindows, sliding: SlidingWindows, session: SessionWindows, join: JoinWindows };
  return call(kinds[type as keyof typeof kinds], 'of', lengths);
}

function windowed({ type, size, diff }: NonNullable<Op['window']> = {}, key: Serde<unknown>): Serde<unknown> {
  if (type === undefined) return key;
  return type === 'session' ? serdes.sessionWindowed(key) : serdes.timeWindowed(key, (size ?? diff) as number);
}

function argumentsOf(args: string, calling: Calling): unknown[] {
  return args.split(' ').flatMap((argument) => {
    const [kind = '', field] = argument.split(':');
    const found = field === undefined ? ARGUMENTS[kind]?.(calling) : calling.op[field];
    if (found === undefined) return [];
    return [field === undefined ? found : functionOf(kind, found)];
  });
}

function serdeBy(field: string | undefined, op: Op, kept: Serde<unknown>): Serde<unknown> {
  if (field === 'long') return serdes.long;
  return field === undefined || op[field] === 'key' || op[field] === 'id' ? kept : TEXT;
}

/** An op of the format as calls that each have one result, with what the format takes for granted. */
function expand(given: Op): Op[] {
  const merger = given.window?.['type'] === 'session' ? { merger: 'bar' } : {};
  const op: Op = { init: 'empty', value: 'id', ...merger, ...given };
  const id = `${op.op} of ${op.id ?? op.branches?.[0]?.id}`;
  if (op.branches !== undefined) {
    const branches = op.branches.map((branch) => ({ ...branch, op: 'branch', in: id }));
    return [{ ...op, id }, ...branches, ...(op.default ? [{ ...op.default, op: 'defaultBranch', in: id }] : [])];
  }
  if (op.op !== 'toStream' || op['key'] === undefined) return [op];
  return [{ ...op, id }, { op: 'selectKey', id: op.id, in: id, fn: op['key'] as string } as Op];
}

function call(on: object, method: string, ...args: readonly unknown[]): object {
  const found = (on as Readonly<Record<string, unknown>>)[method];
  if (typeof found !== 'function') throw new RangeError(`${on.constructor.name} has no ${method}`);
  return Reflect.apply(found, on, args) as object;
}

/** The calls of a case, with what its sinks write. Throws what the DSL throws, and `RangeError` for an op that cannot be read. */
export function callAll(ops: readonly Op[]) {
  const builder = new StreamsBuilder();
  const sinks: (Omit<Made, 'on'> & { readonly writes: (topic: string) => boolean })[] = [];
  const all = new Map<string | undefined, Made>([[undefined, { on: builder, key: TEXT, value: TEXT }]]);
  const find = (id: string | undefined): Made => {
    const found = all.get(id);
    if (found === undefined) throw new RangeError(`nothing has the id ${id}`);
    return found;
  };
  for (const op of ops.flatMap(expand)) {
    const operator = OPERATORS[op.op];
    if (operator === undefined) throw new RangeError(`unknown op ${op.op}`);
    const input = find(op.in ?? op.inputs?.[0]?.in);
    const made = { key: serdeBy(operator.key, op, input.key), value: serdeBy(operator.value, op, input.value) };
    const { method = op.op } = operator;
    const isTyped = op.type === 'left' || op.type === 'outer';
    const args = argumentsOf(operator.args, { op, input, made, other: find(op.with) });
    const on = call(grouped(op, input.on, find), isTyped ? op.type + method.replace('j', 'J') : method, ...args);
    if (op.id !== undefined) all.set(op.id, { on, value: made.value, key: windowed(op.window, made.key) });
    if (op.op === 'to') sinks.push({ ...made, writes: (topic) => topic === op['topic'] || isComputed(topic, op) });
  }
  return { builder, sinks };
}

const isComputed = (topic: string, { topic: given, topicFn }: Op): boolean =>
  given === undefined && topic.startsWith(String(topicFn).slice('prefix:'.length));

/** Cogrouped and windowed, where the op says so. */
function grouped({ inputs = [], window, emit }: Op, first: object, find: (id: string | undefined) => Made): object {
  let on = first;
  for (const [i, { in: id, fn }] of inputs.entries()) {
    on = call(on, 'cogroup', ...(i === 0 ? [] : [find(id).on]), functionOf('aggregator', fn));
  }
  if (window?.['type'] !== undefined) on = call(on, 'windowedBy', windowsOf(window));
  return emit === undefined ? on : call(on, 'emitStrategy', emit === 'close' ? 'ON_WINDOW_CLOSE' : 'ON_WINDOW_UPDATE');
}
