import type { Serde } from '../../serde/serde.ts';
import type { StoreBuilder } from '../../state/store-builder.ts';
import type { GraphNode } from '../graph/graph-node.ts';
import { ProcessorGraphNode } from '../graph/processor-graph-node.ts';
import { newRepartition } from '../graph/repartition-graph-node.ts';
import { GROUPING } from '../grouped-handle.ts';
import type { GroupedHandle } from '../grouped-handle.ts';
import { requireLegalName } from '../../topology/names.ts';
import type { Aggregator } from '../options.ts';
import { requireSerde } from '../stream-handle.ts';
import type { TableHandle, TableSupplier, TableView } from '../table-handle.ts';
import { PassThroughNode } from './pass-through.ts';

/** Of generated names of the aggregations and their stores. */
export const COGROUP_PREFIX = 'COGROUPKSTREAM-AGGREGATE-';
const MERGE_PREFIX = 'COGROUPKSTREAM-MERGE-';

type AnyAggregator = Aggregator<unknown, unknown, unknown>;

/** The grouped streams that are aggregated together, each by its own aggregator. Aggregating twice shares their repartition topics. */
export class CogroupInputs {
  readonly aggregators = new Map<GroupedHandle, AnyAggregator>();
  readonly #parents = new Map<GroupedHandle, { node: GraphNode; sources: ReadonlySet<string> }>();

  /** The first input's graph, of which all are. */
  get first(): GroupedHandle {
    return this.aggregators.keys().next().value as GroupedHandle;
  }

  /** What the aggregator of each input hangs on; adds repartition topics where the key has changed. */
  parents(storeName: string): ReadonlyMap<GroupedHandle, { node: GraphNode; sources: ReadonlySet<string> }> {
    for (const grouped of this.aggregators.keys()) {
      if (!grouped.needsRepartition) {
        this.#parents.set(grouped, { node: grouped.node, sources: grouped.sources });
        continue;
      }
      const node = newRepartition(grouped.graph, grouped.groupName ?? storeName, {
        key: requireSerde(grouped.key, 'key', `the repartition of ${storeName}`, GROUPING),
        value: requireSerde(grouped.value, 'value', `the repartition of ${storeName}`, GROUPING),
        partitions: undefined,
        isOptimizable: true,
      });
      if (this.#parents.has(grouped)) continue;
      grouped.graph.add(node, grouped.node);
      this.#parents.set(grouped, { node, sources: new Set([node.name]) });
    }
    return this.#parents;
  }
}

/** A cogrouped aggregation to attach. */
export interface CogroupParts {
  /** The user's name, to which suffixes are added. */
  readonly name: string | undefined;
  readonly builder: StoreBuilder;
  readonly isQueryable: boolean;
  /** Of the resulting table. */
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
  readonly windowGraceMs: number | undefined;
  readonly view: TableView;
  /** The table of one input alone. */
  readonly supplier: (aggregator: AnyAggregator) => TableSupplier;
}

/** The table that several aggregators write: their changes pass through one node. */
class CogroupedTable implements TableSupplier {
  readonly #inputs: readonly TableSupplier[];
  readonly #view: TableView;
  readonly historyMs: number | undefined;

  constructor(inputs: readonly TableSupplier[], view: TableView) {
    this.#inputs = inputs;
    this.#view = view;
    this.historyMs = inputs[0]?.historyMs;
  }

  create(): PassThroughNode {
    return new PassThroughNode();
  }

  view(): TableView {
    return this.#view;
  }

  enableSendingOldValues(force: boolean): boolean {
    let all = true;
    for (const input of this.#inputs) if (!input.enableSendingOldValues(force)) all = false;
    return all;
  }
}

/** Attaches one aggregator per input, all on one store, and the node that their changes pass. */
export function cogroup(inputs: CogroupInputs, parts: CogroupParts): TableHandle {
  const { graph } = inputs.first;
  const { name: given, builder, isQueryable, key, value, windowGraceMs, view } = parts;
  if (given !== undefined) requireLegalName(given);
  const parents = inputs.parents(builder.name);
  const sources = new Set<string>();
  const suppliers: TableSupplier[] = [];
  const nodes: GraphNode[] = [];
  for (const [grouped, aggregator] of inputs.aggregators) {
    const supplier = parts.supplier(aggregator);
    const isFirst = nodes.length === 0;
    const node = new ProcessorGraphNode(graph.nameWithSuffixOr(given, `-cogroup-agg-${nodes.length}`, COGROUP_PREFIX), {
      create: () => supplier.create(),
      ownStore: () => (isFirst ? builder : undefined),
      connectedStores: isFirst ? [] : [builder.name],
    });
    node.windowGraceMs = windowGraceMs;
    const parent = parents.get(grouped) as { node: GraphNode; sources: ReadonlySet<string> };
    graph.add(node, parent.node);
    for (const source of parent.sources) sources.add(source);
    suppliers.push(supplier);
    nodes.push(node);
  }
  graph.copartition(sources);
  const supplier = new CogroupedTable(suppliers, view);
  const name = graph.nameWithSuffixOr(given, '-cogroup-merge', MERGE_PREFIX);
  const node = new ProcessorGraphNode(name, { create: () => supplier.create() });
  graph.add(node, ...nodes);
  return { graph, name, node, key, value, sources, supplier, queryableName: isQueryable ? builder.name : undefined };
}
