import type { Serde } from '../../../serde/serde.ts';
import { subscriptionStore } from '../../../state/in-memory-subscription-store.ts';
import type { LogicalGraph } from '../../graph/logical-graph.ts';
import type { GraphNode } from '../../graph/graph-node.ts';
import { InternalTopicGraphNode } from '../../graph/internal-topic-graph-node.ts';
import { ProcessorGraphNode } from '../../graph/processor-graph-node.ts';
import { StreamSourceGraphNode } from '../../graph/source-graph-node.ts';
import { storeNameOr, tableStore } from '../../materialized.ts';
import type { ForeignKeyOptions, MaterializedOptions, NamedOptions, ValueJoiner } from '../../options.ts';
import { requireSerde } from '../../stream-handle.ts';
import type { TableHandle } from '../../table-handle.ts';
import { TableSource } from '../table-source.ts';
import { ResponseJoinNode } from './response-join.ts';
import { ForeignTableJoinNode, SubscriptionJoinNode, SubscriptionReceiveNode } from './subscription-nodes.ts';
import { SubscriptionSendNode } from './subscription-send.ts';
import { responseSerde, subscriptionSerde } from './subscription.ts';
import type { SubscriptionResponse } from './subscription.ts';

/** What the nodes of a foreign-key join share. */
export interface ForeignKeyJoin {
  readonly isLeft: boolean;
  readonly joiner: ValueJoiner<unknown, unknown, unknown, unknown>;
  /** Null: the row has none. */
  readonly foreignKeyOf: (value: unknown, key: unknown) => unknown;
  /** Without the application id. */
  readonly subscriptionTopic: string;
  readonly serdes: { readonly foreignKey: Serde<unknown>; readonly value: Serde<unknown> };
  readonly isLeftVersioned: () => boolean;
}

/** What is joined, and how. */
export interface ForeignKeyJoinCall extends Pick<ForeignKeyJoin, 'isLeft' | 'joiner' | 'foreignKeyOf'> {
  readonly options: NamedOptions & MaterializedOptions<unknown, unknown> & ForeignKeyOptions<unknown, unknown>;
}

/**
 * Attaches a join of each row of one table with the row of another table that it names:
 *
 *     left ─ send ─▶ subscription topic ─▶ receive (keeps it) ─ join with right ─┬▶ response topic ─▶ resolver (still current?) ─ result
 *                                          right ─ tell the subscribers ─────────┘
 *
 * The right side answers where its rows are, so neither table is repartitioned. Names and numbers are those of the original.
 */
export function joinForeignKey(left: TableHandle, right: TableHandle, call: ForeignKeyJoinCall): TableHandle {
  const { graph } = left;
  const { options } = call;
  left.supplier.enableSendingOldValues(true);
  // Not needed; but where the right table has them, its changes from nothing to nothing stay away.
  right.supplier.enableSendingOldValues(false);
  const names = namesOf(graph, options.name);
  const calledAs = nameOf(call);
  const serdes = {
    // A join has no option for these two: the tables bring them.
    key: requireSerde(left.key, 'key', `${left.name}, whose rows name others`, 'the call that makes it'),
    foreignKey: requireSerde(right.key, 'key', `${right.name}, whose rows are named`, 'the call that makes it'),
    value: requireSerde(options.leftValue ?? left.value, 'value', names.send, calledAs, 'leftValue'),
    foreignValue: requireSerde(options.otherValue ?? right.value, 'value', names.join, calledAs, 'otherValue'),
  };
  const join: ForeignKeyJoin = {
    ...call,
    serdes,
    subscriptionTopic: names.subscriptionTopic,
    isLeftVersioned: () => left.supplier.historyMs !== undefined,
  };
  const partitionKey = options.otherPartitionKey as Parts['partitionKey'];
  const parts: Parts = { left, right, names, serdes, join, partitionKey };
  const returned = addAnswers(parts, addSubscriptions(parts));
  const sources = new Set([...left.sources, names.responseSource]);
  graph.copartition(sources);
  const lefts = left.supplier.view();
  const resolver = new ProcessorGraphNode(names.resolver, {
    create: () => new ResponseJoinNode(join, lefts.getter()),
    connectedStores: lefts.storeNames,
  });
  graph.add(resolver, returned);
  return resultOf(left, resolver, names, call, sources);
}

interface Parts {
  readonly left: TableHandle;
  readonly right: TableHandle;
  readonly names: ReturnType<typeof namesOf>;
  readonly serdes: Record<'key' | 'value' | 'foreignKey' | 'foreignValue', Serde<unknown>>;
  readonly join: ForeignKeyJoin;
  readonly partitionKey: ((key: unknown) => string) | undefined;
}

/** The left side, up to where its subscriptions arrive at the right one. */
function addSubscriptions({ left, right, names, serdes, join, partitionKey }: Parts): GraphNode {
  const { graph } = left;
  const send = new ProcessorGraphNode(names.send, { create: () => new SubscriptionSendNode(join) });
  graph.add(send, left.node);
  const value = subscriptionSerde(serdes.key) as Serde<unknown>;
  const subscriptions = { topic: names.subscriptionTopic, key: serdes.foreignKey, value };
  const sink = new InternalTopicGraphNode(names.sendSink, { ...subscriptions, partitionKey });
  graph.add(sink, send);
  const source = sourceOf(names.receiveSource, subscriptions);
  graph.add(source, sink);
  graph.copartition(new Set([...right.sources, names.receiveSource]));
  return source;
}

/** The right side: what it keeps of the subscriptions, and its answers, up to where they arrive at the left one. */
function addAnswers({ left: { graph }, right, names, serdes }: Parts, received: GraphNode): GraphNode {
  const subscription = subscriptionSerde(serdes.key) as Serde<unknown>;
  const store = subscriptionStore(names.store, { ...serdes, primaryKey: serdes.key, subscription });
  const receive = new ProcessorGraphNode(names.receive, {
    create: () => new SubscriptionReceiveNode(store.name),
    ownStore: () => store,
  });
  graph.add(receive, received);
  const rights = right.supplier.view();
  const joined = new ProcessorGraphNode(names.join, {
    create: () => new SubscriptionJoinNode(rights.getter()),
    connectedStores: rights.storeNames,
  });
  graph.add(joined, receive);
  const told = new ProcessorGraphNode(names.tell, {
    create: () => new ForeignTableJoinNode(store.name, () => right.supplier.historyMs !== undefined),
    // Either of the two may be written first.
    ownStore: () => store,
  });
  graph.add(told, right.node);
  const value = responseSerde(serdes.foreignValue) as Serde<unknown>;
  const responses = { topic: names.responseTopic, key: serdes.key, value };
  const partitionOf = (response: unknown): number => (response as SubscriptionResponse).partition;
  const sink = new InternalTopicGraphNode(names.responseSink, { ...responses, partitionKey: undefined, partitionOf });
  graph.add(sink, joined, told);
  const source = sourceOf(names.responseSource, responses);
  graph.add(source, sink);
  return source;
}

/** The joined rows as a table, kept when it has a name or somebody reads it. */
function resultOf(
  { graph, key: tableKey }: TableHandle,
  parent: GraphNode,
  names: { readonly result: string },
  call: ForeignKeyJoinCall,
  sources: ReadonlySet<string>,
): TableHandle {
  const { options } = call;
  const { value } = options;
  const key = options.key ?? tableKey;
  const name = names.result;
  const { storeName, isQueryable } = storeNameOr(graph, options, 'KTABLE-FK-JOIN-OUTPUT-');
  const supplier = new TableSource(
    storeName,
    () =>
      tableStore(
        {
          name: storeName,
          key: requireSerde(key, 'key', `store ${storeName}`),
          value: requireSerde(value, 'value', `store ${storeName}`, nameOf(call)),
        },
        options,
      ),
    isQueryable,
    options.historyMs,
  );
  const node = new ProcessorGraphNode(name, { create: () => supplier.create(), ownStore: () => supplier.store });
  graph.add(node, parent);
  const queryableName = isQueryable ? storeName : undefined;
  return { graph, name, node, key, value, sources, queryableName, supplier };
}

/** What the user wrote, for a message. */
function nameOf({ isLeft }: ForeignKeyJoinCall): string {
  return isLeft ? 'leftJoinForeignKey' : 'joinForeignKey';
}

function sourceOf(
  name: string,
  { topic, key, value }: { topic: string; key: Serde<unknown>; value: Serde<unknown> },
): StreamSourceGraphNode {
  return new StreamSourceGraphNode(name, { topics: [topic], key, value, timestampExtractor: undefined });
}

/** Takes thirteen numbers, named or not. */
function namesOf(graph: LogicalGraph, given: string | undefined) {
  const name = (suffix: string, prefix: string): string => graph.nameWithSuffixOr(given, suffix, prefix);
  const registration = 'KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-';
  const processor = 'KTABLE-FK-JOIN-SUBSCRIPTION-PROCESSOR-';
  return {
    subscriptionTopic: `${name('-subscription-registration', registration)}-topic`,
    send: name('-subscription-registration-processor', registration),
    sendSink: name('-subscription-registration-sink', 'KTABLE-SINK-'),
    receiveSource: name('-subscription-registration-source', 'KTABLE-SOURCE-'),
    store: name('-subscription-store', 'KTABLE-FK-JOIN-SUBSCRIPTION-STATE-STORE-'),
    receive: name('-subscription-receive', processor),
    join: name('-subscription-join-foreign', processor),
    tell: name('-foreign-join-subscription', processor),
    responseTopic: `${name('-subscription-response', 'KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-')}-topic`,
    responseSink: name('-subscription-response-sink', 'KTABLE-SINK-'),
    responseSource: name('-subscription-response-source', 'KTABLE-SOURCE-'),
    resolver: name('-subscription-response-resolver', 'KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-RESOLVER-PROCESSOR-'),
    result: name('-result', 'KTABLE-FK-JOIN-OUTPUT-'),
  };
}
