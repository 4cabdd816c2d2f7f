import { TopologyError } from '../errors.ts';
import type { TimestampExtractor } from '../processor/timestamp-extractor.ts';
import type { Serde } from '../serde/serde.ts';
import type { StateStore } from '../state/state-store.ts';
import type { StoreBuilder } from '../state/store-builder.ts';
import type { Topic } from '../topology/topic.ts';
import { ensureNames } from '../topology/ensure-names.ts';
import { requireLegalName } from '../topology/names.ts';
import { requireOffsetReset } from '../topology/offset-reset.ts';
import { Topology } from '../topology/topology.ts';
import { wrapProcessors } from '../topology/wrap-processors.ts';
import type { ProcessorWrapper } from '../topology/wrap-processors.ts';
import { GlobalKTable } from './global-k-table.ts';
import { LogicalGraph } from './graph/logical-graph.ts';
import { optimizationsOf } from './graph/optimizations.ts';
import type { Optimization } from './graph/optimizations.ts';
import { StreamSourceGraphNode } from './graph/source-graph-node.ts';
import type { SourceReading } from './graph/source-graph-node.ts';
import { GlobalTableGraphNode, StateStoreGraphNode, TableSourceGraphNode } from './graph/table-source-graph-node.ts';
import { KStream, newStream } from './k-stream.ts';
import { KTable } from './k-table.ts';
import { storeNameOr, tableStore } from './materialized.ts';
import { keyValueView } from './operators/store-getter.ts';
import { TableSource } from './operators/table-source.ts';
import type { ConsumedOptions, GlobalStoreOptions, MaterializedOptions, VersionedOptions } from './options.ts';
import { requireSerde } from './stream-handle.ts';

type TableOptions<K, V> = ConsumedOptions<K, V> & MaterializedOptions<K, V> & VersionedOptions;

/** How a topology is built. */
export interface BuildOptions {
  /** Default `none`; `all`, or some of the optimisations. Throws `StreamsError` (STREAMS_CONFIG) for others. */
  readonly optimize?: Optimization | 'none' | 'all' | readonly Optimization[] | undefined;
  /** Refuse generated names of stores and internal topics, which change with the topology (`ensure.explicit.internal.resource.naming`). Default false. */
  readonly ensureNames?: boolean | undefined;
  /** Stands around every processor: for traces and measurements. Default: none. */
  readonly processorWrapper?: ProcessorWrapper | undefined;
}

/** Builds a topology from streams and tables. Its methods throw `TopologyError` for what cannot be, some of them only at `build()`. */
export class StreamsBuilder {
  readonly #graph = new LogicalGraph();

  /** The records of a topic, or of several with the same types. */
  stream<K, V>(
    topic: string | readonly string[] | Topic<NonNullable<K>, NonNullable<V>>,
    options: ConsumedOptions<K, V> = {},
  ): KStream<K, V> {
    const graph = this.#graph;
    const name = graph.nameOr(options.name, 'KSTREAM-SOURCE-');
    const reading = readingOf(topic, options, name);
    const node = new StreamSourceGraphNode(name, reading);
    graph.add(node, graph.root);
    const { key, value } = reading;
    return new KStream({ graph, name, node, key, value, sources: new Set([name]), needsRepartition: false });
  }

  /** A topic read as a table: the last value of each key, null deletes. */
  table<K, V>(
    topic: string | Topic<NonNullable<K>, NonNullable<V>>,
    options: TableOptions<K, V> = {},
  ): KTable<NonNullable<K>, NonNullable<V>> {
    const { graph, name, sourceName, reading, builder, isQueryable } = this.#tableParts(topic, options, true);
    const supplier = new TableSource(builder.name, () => builder, isQueryable, builder.historyMs);
    const node = new TableSourceGraphNode(name, {
      sourceName,
      reading,
      create: () => supplier.create(),
      store: () => supplier.store,
    });
    graph.add(node, graph.root);
    const { key, value } = reading;
    const queryableName = isQueryable ? builder.name : undefined;
    return new KTable(
      { graph, name, node, key, value, sources: new Set([sourceName]), queryableName, supplier },
      newStream,
    );
  }

  /** A topic that every instance reads whole, for joins by any key. */
  globalTable<K, V>(
    topic: string | Topic<NonNullable<K>, NonNullable<V>>,
    options: ConsumedOptions<K, V> & MaterializedOptions<K, V> = {},
  ): GlobalKTable<NonNullable<K>, NonNullable<V>> {
    const { graph, name, sourceName, reading, builder, isQueryable } = this.#tableParts(topic, options, false);
    graph.add(new GlobalTableGraphNode(name, { sourceName, reading, builder }), graph.root);
    return new GlobalKTable(keyValueView(builder.name), isQueryable ? builder.name : undefined);
  }

  /** Adds a store that a processor fills from a topic which every instance reads whole: all processors and tasks see it, and nobody else may write it. The processor cannot forward. */
  addGlobalStore<K, V, S extends StateStore>(options: GlobalStoreOptions<K, V, S>): this {
    const { builder, topic, supplier, name: given } = options;
    const graph = this.#graph;
    const sourceName = graph.nameWithSuffixOr(given, '-source', 'KSTREAM-SOURCE-');
    const name = graph.nameOr(given, 'KTABLE-SOURCE-');
    const reading = readingOf(topic, options, name);
    graph.add(new GlobalTableGraphNode(name, { sourceName, reading, builder, supplier }), graph.root);
    return this;
  }

  /** Adds a store for processors, which name it when they are added. */
  addStateStore<S extends StateStore>(builder: StoreBuilder<S>): this {
    requireLegalName(builder.name);
    this.#graph.add(new StateStoreGraphNode(builder), this.#graph.root);
    return this;
  }

  /** The topology of everything built so far. Optimising renames what it changes, so an application keeps to what it started with. */
  build({ optimize = 'none', ensureNames: mustBeNamed = false, processorWrapper }: BuildOptions = {}): Topology {
    const graph = this.#graph.build(optimizationsOf(optimize));
    if (mustBeNamed) ensureNames(graph, this.#graph.unnamedStores);
    if (processorWrapper !== undefined) wrapProcessors(graph, processorWrapper);
    return new Topology(graph);
  }

  #tableParts<K, V>(
    topic: string | Topic<NonNullable<K>, NonNullable<V>>,
    options: TableOptions<K, V>,
    mayLog: boolean,
  ) {
    if (!mayLog && options.historyMs !== undefined) throw new TopologyError('a global table cannot be versioned');
    const graph = this.#graph;
    const topicName = typeof topic === 'string' ? topic : topic.name;
    const { storeName, isQueryable } = storeNameOr(graph, options, `${topicName}-`);
    const sourceName = graph.nameWithSuffixOr(options.name, '-source', 'KSTREAM-SOURCE-');
    const name = graph.nameOr(options.name, 'KTABLE-SOURCE-');
    const reading = readingOf(topic, options, name);
    const { key, value } = reading;
    const stored = mayLog ? options : { ...options, logging: false, caching: false };
    const builder = tableStore({ name: storeName, key, value }, stored);
    return { graph, name, sourceName, reading, builder, isQueryable };
  }
}

function readingOf<K, V>(
  topic: string | readonly string[] | Topic<NonNullable<K>, NonNullable<V>>,
  options: ConsumedOptions<K, V>,
  name: string,
): SourceReading {
  const typed = typeof topic === 'object' && 'name' in topic ? topic : undefined;
  const topics =
    typed !== undefined ? [typed.name] : typeof topic === 'string' ? [topic] : (topic as readonly string[]);
  if (topics.includes('')) throw new TopologyError(`source ${name} reads a topic without a name`);
  return {
    topics,
    key: requireReadable(options.key ?? typed?.key, 'key', name),
    value: requireReadable(options.value ?? typed?.value, 'value', name),
    timestampExtractor: options.timestampExtractor as TimestampExtractor<unknown, unknown> | undefined,
    offsetReset: requireOffsetReset(options.offsetReset),
  };
}

function requireReadable(serde: Serde<unknown> | undefined, part: 'key' | 'value', name: string): Serde<unknown> {
  return requireSerde(serde, part, `source ${name}`);
}
