import { TopologyError } from '../errors.ts';
import { processorApiNode } from '../processor/processor-api-node.ts';
import type { ProcessorSupplier } from '../processor/processor.ts';
import type { TopicNameExtractor } from '../processor/sink-node.ts';
import type { TimestampExtractor } from '../processor/timestamp-extractor.ts';
import type { Serde } from '../serde/serde.ts';
import type { StateStore } from '../state/state-store.ts';
import type { StoreBuilder } from '../state/store-builder.ts';
import { describeTopology } from './describe.ts';
import { requireLegalName } from './names.ts';
import { requireOffsetReset } from './offset-reset.ts';
import type { OffsetReset } from './offset-reset.ts';
import { planTopology } from './plan-topology.ts';
import { TopologyGraph } from './topology-graph.ts';
import type { TopologyPlan } from './topology-plan.ts';

/** What `addSource` takes. */
export interface SourceOptions<K, V> {
  readonly name: string;
  readonly topics: readonly string[];
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  /** Default: the record's own timestamp. */
  readonly timestampExtractor?: TimestampExtractor<K, V> | undefined;
  /** Where to begin without a committed offset. Default: as the application says. */
  readonly offsetReset?: OffsetReset | undefined;
}

/** What `addProcessor` takes. */
export interface ProcessorOptions<KIn, VIn, KOut, VOut> {
  readonly name: string;
  readonly supplier: ProcessorSupplier<KIn, VIn, KOut, VOut>;
  readonly parents: readonly string[];
  /** Stores that were added before, by name, and builders of stores, which are added with the processor. */
  readonly stores?: readonly (string | StoreBuilder)[] | undefined;
}

/** What `addReadOnlyStateStore` and `addGlobalStore` take. */
export interface FilledStoreOptions<K, V, S extends StateStore> extends Pick<
  SourceOptions<K, V>,
  'key' | 'value' | 'timestampExtractor'
> {
  readonly builder: StoreBuilder<S>;
  readonly topic: string;
  /** Names of the nodes. */
  readonly source: string;
  readonly processor: string;
  readonly supplier: ProcessorSupplier<K, V, never, never>;
}

/** What `addSink` takes. */
export interface SinkOptions<K, V> {
  readonly name: string;
  readonly topic: string | TopicNameExtractor<K, V>;
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  readonly parents: readonly string[];
  /** The part of the key that decides the partition. Default: the whole key. */
  readonly partitionKey?: ((key: K) => string) | undefined;
}

/**
 * What an application does: sources, processors, sinks and stores, without any connection. `StreamsBuilder.build()` makes one from the DSL; the `add…` methods make one by hand. All of
 * them throw `TopologyError` for what cannot be: a name used twice, an unknown parent or store, a topic read by two sources.
 */
export class Topology {
  /** For the DSL, the runtime and the test driver. */
  readonly graph: TopologyGraph;

  constructor(graph: TopologyGraph = new TopologyGraph()) {
    this.graph = graph;
  }

  addSource<K, V>({ name, topics, key, value, timestampExtractor, offsetReset }: SourceOptions<K, V>): this {
    this.graph.addSource({
      name: requireLegalName(name),
      topics,
      key: key,
      value: value,
      timestampExtractor: timestampExtractor as TimestampExtractor<unknown, unknown> | undefined,
      offsetReset: requireOffsetReset(offsetReset),
    });
    return this;
  }

  addProcessor<KIn, VIn, KOut, VOut>(options: ProcessorOptions<KIn, VIn, KOut, VOut>): this {
    const { name, supplier, parents, stores = [] } = options;
    this.graph.addProcessor({ name: requireLegalName(name), parents, create: () => processorApiNode(supplier, false) });
    for (const store of stores) {
      if (typeof store === 'object') this.graph.addStore(store);
      this.graph.connect(name, typeof store === 'object' ? store.name : store);
    }
    return this;
  }

  addSink<K, V>({ name, topic, key, value, parents, partitionKey }: SinkOptions<K, V>): this {
    this.graph.addSink({
      name: requireLegalName(name),
      parents,
      topic: topic as string | TopicNameExtractor<unknown, unknown>,
      key: key,
      value: value,
      partitionKey: partitionKey as ((key: unknown) => string) | undefined,
    });
    return this;
  }

  /** Adds a store and connects it to processors that were added before. */
  addStateStore<S extends StateStore>(builder: StoreBuilder<S>, processors: readonly string[] = []): this {
    this.graph.addStore(builder);
    for (const processor of processors) this.graph.connect(processor, builder.name);
    return this;
  }

  /**
   * Adds a store that a topic of the users' own fills: the processor keeps what it reads there, and the topic serves as the changelog, so nothing else may write the store (KIP-813). The
   * store is restored from the topic as it is: the processor must keep records unchanged.
   */
  addReadOnlyStateStore<K, V, S extends StateStore>(options: FilledStoreOptions<K, V, S>): this {
    const { builder, topic, source, processor, key, value, supplier, timestampExtractor } = options;
    this.addSource({ name: source, topics: [topic], key, value, timestampExtractor });
    this.addProcessor({ name: processor, supplier, parents: [source], stores: [builder] });
    this.graph.sourceChangelogs.set(builder.name, topic);
    return this;
  }

  /** Adds a store that every instance fills by a processor from the whole of a topic; all processors see it, and nobody else may write it. The processor cannot forward. */
  addGlobalStore<K, V, S extends StateStore>(options: FilledStoreOptions<K, V, S>): this {
    const { builder, topic, source, processor, key, value, supplier } = options;
    for (const name of [source, processor]) requireLegalName(name);
    this.graph.addGlobalStore({ builder, topic, source, processor, supplier }, { key, value });
    return this;
  }

  /** The text of Kafka Streams' `Topology#describe`, to the byte. */
  describe(): string {
    return describeTopology(this.graph);
  }

  /** Sub-topologies, stores and internal topics for an application of that id. Throws `TopologyError` when there is nothing to run. */
  plan(applicationId: string): TopologyPlan {
    if (this.graph.nodes.size === 0) throw new TopologyError('the topology is empty: add a source first');
    return planTopology(this.graph, applicationId);
  }
}
