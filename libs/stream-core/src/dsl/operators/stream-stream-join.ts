import type { TaskContext } from '../../processor/task-context.ts';
import type { Serde } from '../../serde/serde.ts';
import type { StoreBuilder } from '../../state/store-builder.ts';
import { joinStore, outerJoinStore } from '../../state/join-stores.ts';
import { requireLegalName } from '../../topology/names.ts';
import { ProcessorGraphNode } from '../graph/processor-graph-node.ts';
import { StreamJoinGraphNode } from '../graph/stream-join-graph-node.ts';
import type { JoinWindows } from '../join-windows.ts';
import type { StreamJoinedOptions, ValueJoiner } from '../options.ts';
import { requireSerde } from '../stream-handle.ts';
import type { StreamHandle } from '../stream-handle.ts';
import { JoinWindowNode } from './join-window.ts';
import { repartitionForJoin } from './repartition.ts';
import { SelfJoinNode } from './self-join.ts';
import { JoinTime, StreamJoinNode } from './stream-join-node.ts';

/** What is joined, and how. */
export interface StreamJoin {
  readonly type: 'inner' | 'left' | 'outer';
  readonly joiner: ValueJoiner<unknown, unknown, unknown, unknown>;
  readonly windows: JoinWindows;
  readonly options: StreamJoinedOptions<unknown, unknown, unknown>;
}

type AnySerde = Serde<unknown> | undefined;

/** Attaches a stream-stream join: windows of both sides, a join a side and a merge, with the names, numbers and stores of the original. */
export function joinStreams(stream: StreamHandle, other: StreamHandle, join: StreamJoin): StreamHandle {
  const { graph } = stream;
  const { options, windows, joiner } = join;
  if (options.name !== undefined) requireLegalName(options.name);
  const left = repartitioned(stream, options, '-left', 'value');
  const right = repartitioned(other, options, '-right', 'otherValue');
  const sources = new Set([...left.sources, ...right.sources]);
  graph.copartition(sources);
  const names = namesOf(left, join);
  const serdes = { key: options.key ?? left.key ?? right.key, left: options.value ?? left.value };
  const stores = storesOf(names, join, { ...serdes, right: options.otherValue ?? right.value });
  const windowNode = (name: string, store: StoreBuilder) =>
    new ProcessorGraphNode(name, { create: () => new JoinWindowNode(store.name) });
  const leftWindow = windowNode(names.leftWindow, stores.left);
  graph.add(leftWindow, left.node);
  const rightWindow = windowNode(names.rightWindow, stores.right);
  graph.add(rightWindow, right.node);
  const times = new WeakMap<TaskContext, JoinTime>();
  const timeOf = (context: TaskContext): JoinTime => {
    const time = times.get(context) ?? new JoinTime();
    times.set(context, time);
    return time;
  };
  const common = { windows, joiner, outerStoreName: stores.outer?.name, timeOf };
  const node = new StreamJoinGraphNode(names.merge, {
    left: {
      name: names.left,
      window: leftWindow,
      store: stores.left,
      create: () =>
        new StreamJoinNode({
          ...common,
          isLeft: true,
          isPreserved: join.type !== 'inner',
          otherStoreName: stores.right.name,
        }),
    },
    right: {
      name: names.right,
      window: rightWindow,
      store: stores.right,
      create: () =>
        new StreamJoinNode({
          ...common,
          isLeft: false,
          isPreserved: join.type === 'outer',
          otherStoreName: stores.left.name,
        }),
    },
    outerStore: stores.outer,
    createSelfJoin: () => new SelfJoinNode(stores.left.name, windows, joiner),
  });
  node.acceptsNullKeys = join.type !== 'inner';
  graph.add(node, left.node, right.node);
  return { graph, name: names.merge, node, key: options.key, value: undefined, sources, needsRepartition: false };
}

function repartitioned(
  stream: StreamHandle,
  options: StreamJoin['options'],
  suffix: string,
  valueOption: 'value' | 'otherValue',
): StreamHandle {
  if (!stream.needsRepartition) return stream;
  const { name, key } = options;
  const serdes = { key, value: options[valueOption], valueOption };
  return repartitionForJoin(stream, name === undefined ? undefined : `${name}${suffix}`, serdes);
}

/** Takes five numbers, named or not. Stores keep generated names where only the operator has one. */
function namesOf({ graph }: StreamHandle, { type, options: { name } }: StreamJoin) {
  const leftWindow = graph.nameWithSuffixOr(name, '-this-windowed', 'KSTREAM-WINDOWED-');
  const rightWindow = graph.nameWithSuffixOr(name, '-other-windowed', 'KSTREAM-WINDOWED-');
  const leftStore = graph.newProcessorName(type === 'outer' ? 'KSTREAM-OUTERTHIS-' : 'KSTREAM-JOINTHIS-');
  const rightStore = graph.newProcessorName(type === 'inner' ? 'KSTREAM-JOINOTHER-' : 'KSTREAM-OUTEROTHER-');
  const leftSuffix = type === 'outer' ? '-outer-this-join' : '-this-join';
  const rightSuffix = type === 'inner' ? '-other-join' : '-outer-other-join';
  const left = name === undefined ? leftStore : `${name}${leftSuffix}`;
  const right = name === undefined ? rightStore : `${name}${rightSuffix}`;
  const merge = graph.nameWithSuffixOr(name, '-merge', 'KSTREAM-MERGE-');
  return { leftWindow, rightWindow, leftStore, rightStore, leftSuffix, rightSuffix, left, right, merge };
}

function storesOf(
  names: ReturnType<typeof namesOf>,
  { type, windows, options }: StreamJoin,
  serdes: { key: AnySerde; left: AnySerde; right: AnySerde },
) {
  const { storeName, logging, logConfig } = options;
  const retentionMs = windows.retentionMs;
  const leftName = `${storeName === undefined ? names.leftStore : storeName + names.leftSuffix}-store`;
  const rightName = `${storeName === undefined ? names.rightStore : storeName + names.rightSuffix}-store`;
  const number = names.leftStore.slice(names.leftStore.lastIndexOf('-'));
  const shared =
    storeName === undefined
      ? `KSTREAM-OUTERSHARED${number}`
      : `${storeName}${type === 'outer' ? '-outer' : '-left'}-shared-join`;
  const key = requireSerde(serdes.key, 'key', `store ${leftName}`);
  const left = requireSerde(serdes.left, 'value', `store ${leftName}`);
  const right = requireSerde(serdes.right, 'value', `store ${rightName}`, undefined, 'otherValue');
  const common = { key, logging, logConfig };
  return {
    left: joinStore({ ...common, name: leftName, value: left, retentionMs }),
    right: joinStore({ ...common, name: rightName, value: right, retentionMs }),
    outer: type === 'inner' ? undefined : outerJoinStore({ ...common, name: `${shared}-store`, left, right }),
  };
}
