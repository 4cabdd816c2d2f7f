import { TopologyError } from '../errors.ts';
import type { ProcessorSupplier } from '../processor/processor.ts';
import type { StoreBuilder } from '../state/store-builder.ts';
import { NodeGroups } from './node-groups.ts';
import type { NodeSpec, ProcessorSpec, SinkSpec, SourceSpec } from './node-spec.ts';

/** A global store and where it is filled from. */
export interface GlobalStoreSpec {
  readonly builder: StoreBuilder;
  readonly topic: string;
  readonly source: string;
  readonly processor: string;
  /** Writes the store; undefined: every record of the topic is a row of the table. */
  readonly supplier?: ProcessorSupplier<unknown, unknown, never, never> | undefined;
}

/** Nodes, stores, internal topics and what belongs together, in the order in which it was added. Every method throws `TopologyError`. */
export class TopologyGraph {
  readonly nodes = new Map<string, NodeSpec>();
  readonly stores = new Map<string, StoreBuilder>();
  readonly globalStores = new Map<string, GlobalStoreSpec>();
  /** Repartition topics without the application id, with the count that was asked for. */
  readonly internalTopics = new Map<string, number | undefined>();
  /** Names of sources whose topics need equal partition counts. */
  readonly copartitionGroups: (readonly string[])[] = [];
  /** Tables whose source topic serves as changelog: store → topic. */
  readonly sourceChangelogs = new Map<string, string>();
  readonly #groups = new NodeGroups();
  readonly #sourceTopics = new Set<string>();
  readonly #connected = new Map<string, string>();

  addSource(source: Omit<SourceSpec, 'kind' | 'parents' | 'isGlobal'>): void {
    if (source.topics.length === 0)
      throw new TopologyError(`source ${source.name} reads no topic; allowed: at least one`);
    this.#requireNewNode(source.name);
    for (const topic of source.topics) this.#requireNewTopic(topic);
    for (const topic of source.topics) this.#sourceTopics.add(topic);
    this.nodes.set(source.name, { ...source, kind: 'source', parents: [], isGlobal: false });
    this.#groups.add(source.name);
  }

  addProcessor(processor: Omit<ProcessorSpec, 'kind' | 'stores'>): void {
    this.#requireParents(processor.name, processor.parents);
    this.nodes.set(processor.name, { ...processor, kind: 'processor', stores: new Set() });
    this.#groups.add(processor.name);
    this.#groups.unite(processor.name, processor.parents);
  }

  addSink(sink: Omit<SinkSpec, 'kind'>): void {
    this.#requireParents(sink.name, sink.parents);
    this.nodes.set(sink.name, { ...sink, kind: 'sink' });
    this.#groups.add(sink.name);
    this.#groups.unite(sink.name, sink.parents);
  }

  addStore(builder: StoreBuilder): void {
    const present = this.stores.get(builder.name);
    if ((present !== undefined && present !== builder) || this.globalStores.has(builder.name)) {
      throw new TopologyError(`store ${builder.name} has already been added, as another store`, {
        context: { store: builder.name },
      });
    }
    this.stores.set(builder.name, builder);
  }

  addGlobalStore(spec: GlobalStoreSpec, source: Pick<SourceSpec, 'key' | 'value'>): void {
    const { builder, topic } = spec;
    this.#requireNewNode(spec.source);
    this.#requireNewNode(spec.processor);
    this.#requireNewTopic(topic);
    if (this.stores.has(builder.name) || this.globalStores.has(builder.name)) {
      throw new TopologyError(`store ${builder.name} has already been added`, { context: { store: builder.name } });
    }
    this.#sourceTopics.add(topic);
    const { key, value } = source;
    const topics = [topic];
    this.nodes.set(spec.source, {
      kind: 'source',
      name: spec.source,
      parents: [],
      topics,
      key,
      value,
      timestampExtractor: undefined,
      isGlobal: true,
    });
    const create = (): never => {
      throw new TopologyError(`${spec.processor} belongs to a global store and runs in no task`);
    };
    const stores = new Set([builder.name]);
    this.nodes.set(spec.processor, { kind: 'processor', name: spec.processor, parents: [spec.source], stores, create });
    this.#groups.add(spec.source);
    this.#groups.add(spec.processor);
    this.#groups.unite(spec.processor, [spec.source]);
    this.globalStores.set(builder.name, spec);
  }

  /** Gives a processor access to a store; all processors of a store are one sub-topology. */
  connect(processor: string, store: string): void {
    if (this.globalStores.has(store)) {
      throw new TopologyError(`store ${store} is global: every processor sees it, connecting is not allowed`);
    }
    if (!this.stores.has(store)) throw new TopologyError(`store ${store} is not added yet`, { context: { store } });
    const node = this.nodes.get(processor);
    if (node?.kind !== 'processor') {
      throw new TopologyError(`${processor} is no processor, so store ${store} cannot be connected to it`);
    }
    const first = this.#connected.get(store);
    if (first === undefined) this.#connected.set(store, processor);
    else this.#groups.unite(first, [processor]);
    node.stores.add(store);
  }

  addInternalTopic(topic: string, partitions: number | undefined): void {
    this.internalTopics.set(topic, partitions);
  }

  /** Sources whose topics need equal partition counts. Throws where all of them ask for a count, and not for the same one. */
  addCopartitionGroup(sources: Iterable<string>): void {
    const group = [...sources];
    const topics = group.flatMap((source) => (this.nodes.get(source) as SourceSpec | undefined)?.topics ?? []);
    const counts = topics.map((topic) => this.internalTopics.get(topic));
    if (!counts.includes(undefined) && new Set(counts).size > 1) {
      const asked = topics.map((topic, i) => `${topic} ${counts[i]}`).join(', ');
      throw new TopologyError(`topics that are joined ask for different partition counts: ${asked}`);
    }
    this.copartitionGroups.push(group);
  }

  /** Node names of each sub-topology, by its id; global stores count too. */
  nodeGroups(): string[][] {
    return this.#groups.groups();
  }

  #requireNewNode(name: string): void {
    if (!this.nodes.has(name)) return;
    throw new TopologyError(
      `there already is a node ${name}: operators need names of their own, and so do the groups of several repartitioned streams`,
      { context: { node: name } },
    );
  }

  #requireNewTopic(topic: string): void {
    if (this.#sourceTopics.has(topic)) {
      throw new TopologyError(`topic ${topic} is already read by another source`, { context: { topic } });
    }
  }

  #requireParents(name: string, parents: readonly string[]): void {
    this.#requireNewNode(name);
    if (parents.length === 0) throw new TopologyError(`node ${name} has no parent; allowed: at least one`);
    for (const parent of parents) {
      const node = this.nodes.get(parent);
      if (node === undefined) throw new TopologyError(`parent ${parent} of node ${name} is not added yet`);
      if (node.kind === 'sink') throw new TopologyError(`parent ${parent} of node ${name} is a sink`);
    }
  }
}
